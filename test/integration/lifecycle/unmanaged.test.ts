// VMs that run with our mark and are not in the store: shown, left alone, adopted, or ended when that is said.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { describeState } from '@ignite/api/state-words';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { CALL, closedHouse, type House, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

/** Two VMs that run, of which the store has lost one; no daemon is there. */
async function lostHouse(): Promise<{ house: House; pid: number; uid: string }> {
  const { house, folder, pid, uid } = await closedHouse();
  await rm(folder, { recursive: true });
  return { house, pid, uid };
}

const shown = (house: House, uid: string) => house.vms.list().find(({ metadata }) => metadata.uid === uid);

test('it is listed as unmanaged, keeps name and address, and is left alone; repair adopts it as it runs', async () => {
  const { house, pid, uid } = await lostHouse();
  await using _ = house;
  await house.open();
  const vm = shown(house, uid);
  assert.ok(vm);
  assert.deepEqual([vm.metadata.name, vm.status.state, vm.status.running], ['x', 'unmanaged', true]);
  assert.equal(describeState(vm.status, new Date()), 'Up (unmanaged)');
  assert.equal(house.state('y'), 'running');
  await assert.rejects(house.vms.stop('x', CALL), { code: 'vm/unmanaged' });
  await assert.rejects(house.create('x', SERVES), { code: 'vm/name-taken' });
  await house.create('z', SERVES);
  assert.notEqual(
    house.vms.inspect('z').status.network.ipAddresses[0],
    vm.status.network.ipAddresses[0],
    'its address is taken',
  );
  assert.ok(existsSync(`/proc/${pid}`));

  const repaired = await house.vms.repair(['x']);
  assert.deepEqual(
    repaired.map(({ uid: of, result }) => [of, result]),
    [[uid, 'repaired']],
  );
  assert.equal(house.state('x'), 'running');
  assert.equal(await house.supervisorPid('x'), pid);
  assert.equal(house.vms.list().length, 3);
  assert.deepEqual(await house.vms.repair([]), []);
  await house.open();
  assert.equal(house.state('x'), 'running');
  await house.vms.stop('x', CALL);
  assert.equal(house.state('x'), 'stopped (exit 0)'); // its supervisor found the folder that was made again
  for (const name of ['x', 'y', 'z']) await house.vms.remove(name, true, CALL);
  await house.assertClean();
});

test('it ends with the host in order, and runs on where a person stops all that is managed', async () => {
  const { house, pid, uid } = await lostHouse();
  await using _ = house;
  await house.open();
  await house.vms.haltAll('user');
  assert.equal(house.state('y'), 'stopped (exit 0)');
  assert.equal(shown(house, uid)?.status.state, 'unmanaged');
  assert.ok(existsSync(`/proc/${pid}`));
  await house.vms.haltAll('host');
  await eventually(
    () => house.processes(),
    (pids) => !pids.includes(pid),
  );
  assert.equal(shown(house, uid), undefined);
});

test('without a record in its run folder it cannot be adopted; rm -f ends it by its UID', async () => {
  const { house, pid, uid } = await lostHouse();
  await using _ = house;
  await rm(join(house.root, 'run/0/record.json'));
  await house.open();
  assert.deepEqual([shown(house, uid)?.metadata.name, shown(house, uid)?.status.state], [uid, 'unmanaged']);
  const [failed] = await house.vms.repair([]);
  assert.deepEqual([failed?.uid, failed?.result], [uid, 'failed']);
  await assert.rejects(house.vms.remove(uid, false, CALL), { code: 'vm/unmanaged' });
  await house.vms.remove(uid, true, CALL);
  await eventually(
    () => house.processes(),
    (pids) => !pids.includes(pid),
  );
  assert.equal(shown(house, uid), undefined);
  assert.equal(house.state('y'), 'running');
});

test('one that ends by itself is not shown any more, and a folder without a record that runs is not undone', async () => {
  const { house, uid, pid } = await lostHouse();
  await using _ = house;
  await house.open();
  const { house: other } = await keptFolder();
  await using __ = other;
  process.kill(pid, 'SIGKILL');
  await eventually(
    () => shown(house, uid),
    (vm) => vm === undefined,
  );
});

/** Record and backup are gone, the disk is there: nothing of it may be deleted under a VM that runs. */
async function keptFolder(): Promise<{ house: House }> {
  const house = await openHouse();
  await house.create('x', SERVES);
  await house.vms.start('x', START);
  const { uid } = house.vms.inspect('x').metadata;
  await house.engine[Symbol.asyncDispose]();
  const folder = join(house.root, 'state/vms', uid);
  for (const name of ['record.json', 'record.bak']) await rm(join(folder, name));
  await house.open();
  assert.equal(shown(house, uid)?.status.state, 'unmanaged');
  assert.ok(existsSync(join(folder, 'disk0.raw')));
  await house.vms.repair([]);
  assert.equal(house.state('x'), 'running');
  return { house };
}
