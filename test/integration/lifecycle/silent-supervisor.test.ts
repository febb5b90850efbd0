// Supervisors that live and do not answer: nobody believes that their VMs have ended, and nobody waits for them for ever.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Report } from '@ignite/api';
import { buildPrograms } from '../supervisor/world.ts';
import { CALL, openHouse, SERVES, START } from './house.ts';

before(buildPrograms);

test('a new daemon does not touch a VM whose supervisor does not answer, and takes it over when it does', async () => {
  await using house = await openHouse();
  for (const name of ['a', 'b', 'c']) {
    await house.create(name, SERVES);
    await house.vms.start(name, START);
  }
  const pids = await Promise.all(['a', 'b', 'c'].map((name) => house.supervisorPid(name)));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await house.open();
  for (const name of ['a', 'b', 'c']) assert.equal(house.state(name), 'running (supervisor does not answer)');
  // Nobody takes it for one that has ended.
  await assert.rejects(house.vms.remove('a', false, CALL), { code: 'vm/running' });
  await assert.rejects(house.vms.processes('a', CALL.signal), { code: 'supervisor/silent' });
  const over = new AbortController();
  const waiting = assert.rejects(house.vms.wait('a', 'stopped', over.signal), /it runs/);
  over.abort(new Error('it runs'));
  await waiting;
  await Promise.all([
    assert.rejects(house.vms.start('a', START), { code: 'supervisor/silent' }),
    house.vms.kill('b', CALL),
    house.vms.remove('c', true, CALL),
  ]);
  assert.equal(house.state('b'), 'stopped (killed)');
  assert.deepEqual(
    house.vms
      .list()
      .map(({ metadata }) => metadata.name)
      .toSorted(),
    ['a', 'b'],
  );
  assert.equal(house.outside.taps.size, 1);

  process.kill(pids[0] ?? 0, 'SIGCONT');
  await house.becomes('a', 'running');
  await house.vms.start('a', START);
  assert.equal(await house.supervisorPid('a'), pids[0]);
  await house.vms.stop('a', CALL);
  await house.assertClean();
});

test('a VM whose supervisor stands still ends, by stop, kill and rm -f', async () => {
  await using house = await openHouse();
  for (const name of ['a', 'b', 'c']) {
    await house.create(name, SERVES);
    await house.vms.start(name, START);
    process.kill(await house.supervisorPid(name), 'SIGSTOP');
  }
  const notes: string[] = [];
  const report: Report = (progress) => void (progress.kind === 'note' && notes.push(progress.text));
  await Promise.all([
    house.vms.stop('a', { ...CALL, report, timeoutSeconds: 0.1 }),
    house.vms.kill('b', CALL),
    house.vms.remove('c', true, CALL),
  ]);
  assert.deepEqual(notes, ['The supervisor of a did not answer and was killed with its VM']);
  for (const name of ['a', 'b']) {
    assert.equal(house.state(name), 'stopped (killed)');
    assert.equal(house.vms.inspect(name).status.endedBy, 'user');
  }
  await house.assertClean();
});
