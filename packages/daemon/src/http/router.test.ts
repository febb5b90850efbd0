import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildPath, type OperationId, paths } from '@ignite/api';
import { matchRoute } from './router.ts';

test('every operation is found under the path that a client builds', () => {
  for (const id of Object.keys(paths) as OperationId[]) {
    const path = buildPath(id, { ref: 'a/b:1@sha256:0' });
    const ref = paths[id].path.includes('{ref}') ? 'a/b:1@sha256:0' : '';

    assert.deepEqual(matchRoute(paths[id].method, path), { id, ref });
  }
});

test('unknown paths, wrong methods, empty and broken names are nobody’s', () => {
  assert.equal(matchRoute('GET', '/v2/vms'), undefined);
  assert.equal(matchRoute('DELETE', '/v1/vms'), undefined);
  assert.equal(matchRoute('GET', '/v1/vms/'), undefined);
  assert.equal(matchRoute('GET', '/v1/vms/%zz'), undefined);
});
