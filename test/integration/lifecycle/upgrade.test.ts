// Upgrade and downgrade of the daemon while VMs run: what the first format's writer left is read and goes on with the VM as
// it runs; a daemon that is too old for the state refuses before it touches anything.
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { before, test } from 'node:test';
import { buildPrograms } from '../supervisor/world.ts';
import { CALL, closedHouse, type House, START } from './house.ts';

before(buildPrograms);

const FIXTURE = resolve(import.meta.dirname, '../../../engine/src/state/fixtures/format-1');
const FIXTURE_RECORD = join(FIXTURE, 'vms/0123456789abcdef/record.json');

const readJson = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));
const writeJson = (path: string, value: unknown) => writeFile(path, JSON.stringify(value, null, 2));

/** Only what the pattern knows: fields that were added to a format since are left out. */
function cutTo(pattern: unknown, value: unknown): unknown {
  if (Array.isArray(value)) {
    const [of] = Array.isArray(pattern) ? pattern : [];
    return value.map((one) => cutTo(of, one));
  }
  if (typeof value !== 'object' || value === null) return value;
  if (typeof pattern !== 'object' || pattern === null) return value;
  const known = new Map(Object.entries(pattern));
  const kept = Object.entries(value).filter(([key]) => known.has(key));
  return Object.fromEntries(kept.map(([key, one]) => [key, cutTo(known.get(key), one)]));
}

/** Every file with its size and the time of its last change. */
async function filesOf(house: House): Promise<readonly string[]> {
  const entries = await readdir(house.root, { recursive: true });
  const facts = entries.map(async (entry) => {
    const { size, mtimeNs, mode } = await stat(join(house.root, entry), { bigint: true });
    return `${entry} ${size} ${mtimeNs} ${mode}`;
  });
  return (await Promise.all(facts)).toSorted();
}

test('VMs that an older daemon started run on under a newer one, and every verb works on them', async () => {
  const { house, folder, pid } = await closedHouse();
  await using _ = house;
  const pattern = await readJson(FIXTURE_RECORD);
  for (const path of [join(folder, 'record.json'), join(house.root, 'run/0/record.json')])
    await writeJson(path, cutTo(pattern, await readJson(path)));
  const format = join(house.root, 'state/format.json');
  const { instance } = (await readJson(format)) as { readonly instance: string };
  await writeJson(format, { ...((await readJson(join(FIXTURE, 'format.json'))) as object), instance });

  await house.open();

  for (const name of ['x', 'y']) assert.equal(house.state(name), 'running');
  assert.equal(await house.supervisorPid('x'), pid);
  assert.deepEqual(house.engine.complaints, []);
  const { bound } = house.vms.inspect('x');
  await house.vms.setPaused('x', true, CALL.signal);
  await house.vms.setPaused('x', false, CALL.signal);
  await house.vms.stop('x', CALL);
  await house.vms.start('x', START);
  assert.deepEqual(house.vms.inspect('x').bound, bound);
  for (const name of ['x', 'y']) await house.vms.remove(name, true, CALL);
  await house.assertClean();
});

test('a daemon that is too old refuses before it touches anything; the VMs run on until a newer one is there', async () => {
  const { house, pid } = await closedHouse();
  await using _ = house;
  const format = join(house.root, 'state/format.json');
  const known = (await readJson(format)) as object;
  await writeJson(format, { ...known, format: 9, minReader: 9, writer: 'ignite 9.0.0' });
  const files = await filesOf(house);

  await assert.rejects(house.open(), { code: 'state/newer-format' });

  assert.deepEqual(await filesOf(house), files);
  await writeJson(format, known);
  await house.open();
  assert.equal(house.state('x'), 'running');
  assert.equal(await house.supervisorPid('x'), pid);
});
