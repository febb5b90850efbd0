// Many at once: fifty runs, fifty rm -f, and both mixed. No lock around the whole: boots are bounded by places, ends are not.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { buildPrograms } from '../supervisor/world.ts';
import { CALL, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

const MANY = 50;
/** On a host that is busy the last of fifty waits for all others. */
const PATIENT = { ...START, timeoutSeconds: 120 };
const names = Array.from({ length: MANY }, (_, index) => `vm-${index}`);

test('RAC-04, RAC-07, GIT-56: fifty run at once, fifty rm -f at once; nothing is left', async () => {
  await using house = await openHouse();
  let [now, most] = [0, 0];
  house.outside.attach = async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise(setImmediate);
    now -= 1;
  };
  const run = async (name: string) => {
    await house.create(name, SERVES);
    await house.vms.start(name, PATIENT);
  };
  await Promise.all(names.map(run));
  assert.deepEqual(new Set(names.map((name) => house.state(name))), new Set(['running']));
  assert.ok(most > 1, 'networks are made beside each other');
  assert.equal((await house.processes()).length, 2 * MANY);

  await house.open();
  assert.deepEqual(new Set(names.map((name) => house.state(name))), new Set(['running']));

  await Promise.all(names.map((name) => house.vms.remove(name, true, CALL)));
  assert.deepEqual(house.vms.list(), []);
  await house.assertClean();
  assert.deepEqual(await readdir(join(house.root, 'state/vms')), []);
  assert.deepEqual(await readdir(join(house.root, 'run')), []);
});

test('start and rm -f of the same VM at once: the newer wins, and nothing is left', async () => {
  await using house = await openHouse();
  const some = names.slice(0, 10);
  await Promise.all(some.map((name) => house.create(name, SERVES)));
  const starts = some.map((name) => house.vms.start(name, PATIENT).catch(() => {}));
  await Promise.all(some.map((name) => house.vms.remove(name, true, CALL)));
  await Promise.all(starts);
  assert.deepEqual(house.vms.list(), []);
  await house.assertClean();
});

test('the slot of a VM whose making failed after its record was written is not freed for whoever has it since', async () => {
  await using house = await openHouse();
  const { slots } = house.engine.rooms.state;
  const free = slots.free;
  const freed: number[] = [];
  slots.free = (slot) => {
    free(slot);
    freed.push(slot);
    slots.occupy(slot); // by the next VM, at once
  };
  house.outside.points = async (point) => {
    if (point === 'before done') throw new Error('no room');
  };

  await assert.rejects(house.create('a', SERVES));

  assert.deepEqual(freed, [0]);
});

test('a VM is removed once, whoever asks for it at the same time', async () => {
  await using house = await openHouse();
  await house.create('a', SERVES);
  await house.vms.start('a', START);
  await Promise.all([1, 2, 3].map(() => house.vms.remove('a', true, CALL)));
  assert.deepEqual(house.vms.list(), []);
  assert.equal(house.engine.events.filter((event) => event.startsWith('remove')).length, 1);
  await house.assertClean();
});

test('a removal that comes while the last step of another is done tells nothing again', async () => {
  await using house = await openHouse();
  const store = house.engine.rooms.state.vms;
  const { remove } = store;
  let second: Promise<unknown> | undefined;
  store.remove = (uid, op) => {
    second ??= house.vms.remove('a', true, CALL);
    return remove(uid, op);
  };
  await house.create('a', SERVES);
  await house.vms.remove('a', true, CALL);
  await second;
  assert.equal(house.engine.events.filter((event) => event.startsWith('remove')).length, 1);
});

test('what cannot be cleaned up after a failed making does not hide why it failed, and keeps no slot', async () => {
  await using house = await openHouse();
  const { slots, vms } = house.engine.rooms.state;
  vms.remove = () => Promise.reject(new Error('read-only'));
  house.outside.points = async (point) => {
    if (point === 'before record') throw new Error('the real reason');
  };
  const failed = await house.create('a', SERVES).catch((error: unknown) => error);
  assert.match(String(failed instanceof Error && failed.cause), /the real reason/);
  assert.equal(slots.has(0), false);
});
