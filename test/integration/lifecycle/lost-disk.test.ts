// A VM whose VMM had a user of its own ends and goes, though its disk cannot be taken back from that user: the file system is
// read-only, or the file is gone.
import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { smallFileSystem } from '../faults/small-file-system.ts';
import { buildPrograms } from '../supervisor/world.ts';
import { CALL, House, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

async function startVm(house: House): Promise<string> {
  house.outside.vmmUid = 0; // any user will do
  await house.create('a', SERVES);
  await house.vms.start('a', START);
  const { bound, metadata } = house.vms.inspect('a');
  return join(house.root, 'state/vms', metadata.uid ?? '', bound?.disk?.path ?? '');
}

test('on a file system that has become read-only a VM is stopped, told as that, and nothing of its run is left', async () => {
  await using disk = await smallFileSystem(4 << 20);
  await using house = new House(await mkdtemp(join(tmpdir(), 'ignite-lost-')));
  await symlink(disk.path, join(house.root, 'state'));
  await house.open();
  await startVm(house);
  disk.makeReadOnly();
  await house.vms.stop('a', CALL);
  assert.equal(house.state('a'), 'stopped (exit 0)');
  await house.assertClean();
  await disk.mend();
  await house.vms.start('a', START);
});

test('a VM whose disk somebody has removed is stopped and removed', async () => {
  await using house = await openHouse();
  await rm(await startVm(house));
  await house.vms.stop('a', CALL);
  await house.assertClean();
  await house.vms.remove('a', false, CALL);
  assert.deepEqual(house.vms.list(), []);
});
