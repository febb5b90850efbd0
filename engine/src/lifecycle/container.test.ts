import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sandboxEnvironment } from './container.ts';

test('API-A05: annotations name variables of the supervisor’s container; what is no name is passed over', () => {
  const prefix = 'ignite.weave.works/sandbox-env/';
  const annotations = {
    [`${prefix}FIRECRACKER_GO_SDK_REQUEST_TIMEOUT_MILLISECONDS`]: '5000',
    [`${prefix}EMPTY`]: '',
    [`${prefix}A=B`]: 'x',
    [prefix]: 'x',
    [`${prefix}NUL`]: 'a\0b',
    'ignite.weave.works/interface/eth0': 'dhcp-bridge',
  };
  assert.deepEqual(sandboxEnvironment(annotations), {
    FIRECRACKER_GO_SDK_REQUEST_TIMEOUT_MILLISECONDS: '5000',
    EMPTY: '',
  });
  assert.deepEqual(sandboxEnvironment(), {});
});
