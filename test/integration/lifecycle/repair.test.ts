// Damaged files: one broken object hides no other, nothing of it is deleted, and repair takes it back as it is on the host.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { buildPrograms } from '../supervisor/world.ts';
import { CALL, closedHouse } from './house.ts';

before(buildPrograms);

for (const [what, damage] of [
  ['half of it is lost', async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 300))],
  ['it is empty', (path: string) => writeFile(path, '')],
  ['it is no record', (path: string) => writeFile(path, '{"format":1}')],
  ['it is gone', (path: string) => rm(path)],
] as const)
  test(`BUG-04: a record: ${what}`, async () => {
    const { house, folder, pid, uid } = await closedHouse();
    await using _ = house;
    await damage(join(folder, 'record.json'));
    await house.open();
    assert.equal(house.state('y'), 'running');
    const broken = house.vms.list().find(({ metadata }) => metadata.uid === uid);
    assert.equal(broken?.status.state, 'broken');
    assert.match(broken?.status.detail ?? '', /record\.json/);
    assert.throws(() => house.vms.inspect(uid), { code: 'vm/broken' });
    assert.ok(existsSync(join(folder, 'disk0.raw')));

    const repaired = await house.vms.repair([]);
    assert.deepEqual(
      repaired.map(({ name, result }) => [name, result]),
      [['x', 'repaired']],
    );
    assert.equal(house.state('x'), 'running');
    assert.equal(await house.supervisorPid('x'), pid);
    assert.equal(house.vms.list().length, 2);
    assert.deepEqual(await house.vms.repair([]), []);

    await house.open();
    assert.equal(house.state('x'), 'running');
    for (const name of ['x', 'y']) await house.vms.remove(name, true, CALL);
    await house.assertClean();
  });

test('a journal with a bad line: nothing is done to the VM until it is repaired', async () => {
  const { house, folder, uid } = await closedHouse();
  await using _ = house;
  const bad = 'deadbeef {"not":"a line"}\nmore\n';
  for (const path of [join(folder, 'journal'), join(house.root, 'run/0/claims')]) await appendFile(path, bad);
  await house.open();
  await assert.rejects(house.vms.stop('x', CALL), { code: 'state/journal-broken' });
  assert.equal(house.state('y'), 'running');
  assert.deepEqual(
    (await house.vms.repair(['x'])).map(({ result }) => result),
    ['repaired'],
  );
  for (const name of ['journal.broken', 'claims.broken']) assert.ok(existsSync(join(folder, name)), name);
  await house.vms.stop('x', CALL);
  assert.equal(house.state('x'), 'stopped (exit 0)');
  await house.vms.remove(uid, false, CALL);
});

test('BUG-01, BUG-04: a VM of the same UID does not take the place of one whose record is broken', async () => {
  const { house, folder, uid } = await closedHouse();
  await using _ = house;
  await writeFile(join(folder, 'record.json'), 'not a record');
  await house.open();
  const spec = { image: { oci: 'registry.test/image:1' } };
  await assert.rejects(house.vms.create({ metadata: { name: 'z', uid }, spec }, CALL), { code: 'vm/broken' });
  assert.ok(existsSync(join(folder, 'disk0.raw')));
  assert.equal(await readFile(join(folder, 'record.json'), 'utf8'), 'not a record');
  await house.vms.repair([]);
  for (const name of ['x', 'y']) await house.vms.remove(name, true, CALL);
  await house.assertClean();
});

test('two repairs at once: the second finds nothing to do, and what could not be read is still kept', async () => {
  const { house, folder } = await closedHouse();
  await using _ = house;
  await writeFile(join(folder, 'record.json'), 'no record');
  await house.open();
  const [first, second] = await Promise.all([house.vms.repair([]), house.vms.repair([])]);
  assert.deepEqual([first.map(({ result }) => result), second], [['repaired'], []]);
  assert.equal(await readFile(join(folder, 'record.broken'), 'utf8'), 'no record');
});

test('without a backup it stays broken, and that is told', async () => {
  const { house, folder, uid } = await closedHouse();
  await using _ = house;
  await writeFile(join(folder, 'record.json'), 'x');
  await rm(join(folder, 'record.bak'));
  await house.open();
  const [failed] = await house.vms.repair([]);
  assert.deepEqual([failed?.uid, failed?.result], [uid, 'failed']);
  assert.match(failed?.what ?? '', /has no backup/);
  await assert.rejects(house.vms.repair(['nope']), { code: 'vm/not-found' });
  process.kill(
    (JSON.parse(await readFile(join(house.root, 'run/0/spawn.json'), 'utf8')) as { pid: number }).pid,
    'SIGKILL',
  );
});
