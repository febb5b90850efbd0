import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillSpec, type VmRecord } from '@ignite/api';
import { guestMounts } from './guest-mounts.ts';

test('outer folders are mounted before those inside them', () => {
  const spec = fillSpec({
    image: { oci: 'a' },
    tmpfs: [{ path: '/srv/cache/', size: 1024, mode: '0700', exec: true }, { path: '/t' }],
  });
  const drives = [
    { index: 2, volume: { name: 'a', uid: 'a' }, mountPath: '/srv/cache/deep', readOnly: false },
    { index: 3, device: '/dev/x', mountPath: '/srv', readOnly: true },
    { index: 4, device: '/dev/y', readOnly: false },
  ];
  const folders = [{ tag: 'share0', path: '/home/a', mountPath: '/srv/cache/deep/in', readOnly: true }];
  const mounts = guestMounts({ spec, bound: { drives, folders } } as unknown as VmRecord);
  assert.deepEqual(mounts, [
    { drive: 3, path: '/srv', readOnly: true },
    { type: 'tmpfs', path: '/t', readOnly: false, options: 'mode=1777', exec: false },
    { type: 'tmpfs', path: '/srv/cache/', readOnly: false, options: 'mode=0700,size=1024', exec: true },
    { drive: 2, path: '/srv/cache/deep', readOnly: false },
    { type: 'virtiofs', source: 'share0', path: '/srv/cache/deep/in', readOnly: true },
  ]);
});
