import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { vmsUnitFolder } from './vms-unit.ts';

let point = '';
before(async () => {
  point = await mkdtemp(join(tmpdir(), 'unified-'));
  await mkdir(join(point, 'system.slice/ignite-vms.service'), { recursive: true });
  await writeFile(join(point, 'system.slice/ignite-vms.service/cgroup.procs'), '');
});
after(() => rm(point, { recursive: true }));

for (const [what, own, there, expected] of [
  [
    'a daemon that systemd runs',
    '0::/system.slice/ignited.service\n',
    true,
    'system.slice/ignite-vms.service',
  ],
  [
    'version 1 beside it',
    '9:memory:/system.slice\n0::/system.slice/ignited.service\n',
    true,
    'system.slice/ignite-vms.service',
  ],
  ['a slice without the unit', '0::/other.slice/ignited.service\n', true, undefined],
  ['a daemon started by hand', '0::/user.slice/user-0.slice/session-1.scope\n', true, undefined],
  ['a host without systemd', '0::/\n', true, undefined],
  ['version 1 only', '9:memory:/system.slice/ignited.service\n', true, undefined],
  ['no unified hierarchy', '0::/system.slice/ignited.service\n', false, undefined],
] as const)
  test(`the unit for VMs: ${what}`, async () => {
    const folder = await vmsUnitFolder(own, there ? point : undefined);
    assert.equal(folder, expected === undefined ? undefined : join(point, expected));
  });
