// The life of one VM under ignite-spawn: start, status, end, record, and nothing left.
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostCommands, isAlive } from '../../../engine/src/host/index.ts';
import { eventually, makeWorld, SPAWN, STAND_IN, soon, statusWhere } from './world.ts';

test('SPN-03, SPN-04: a VM that ends tells how: DONE, exit code, record, and no process, socket or record file is left', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, 'ready=app', 'intent=1', 'done=42', 'exit=3']);
  const exit = await handle.ended;
  assert.deepEqual(exit?.vmm, { code: 3 });
  assert.deepEqual(exit.main, { code: 42, oom: false });
  assert.equal(exit.intent, 'poweroff');
  assert.equal(exit.ready, true);
  assert.equal(exit.killed, false);
  assert.deepEqual(await world.supervisor.readExit(world.vm), exit);
  assert.equal(isAlive(handle.process), false);
  assert.deepEqual(await world.processes(), []);
  assert.deepEqual(await world.files(), ['log', 'run', 'run/spawn.launch', 'vm', 'vm/exit.json']);
  const { ready, phase } = handle.status();
  assert.equal(phase, 'ended');
  assert.deepEqual(ready, { mode: 'app', stages: { init: 12, app: 34 }, agentVersion: 'stand-in' });
});

test('a VMM ended by a signal, and a main process ended by one', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, 'ready=app', 'done-signal=11', 'signal=6']);
  const exit = await handle.ended;
  assert.deepEqual(exit?.vmm, { signal: 6 });
  assert.deepEqual(exit.main, { signal: 11, oom: false });
});

test('kill ends the VMM and is told in the record; a second VM may take the slot at once', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, 'ready=system', 'serve']);
  await statusWhere(handle, ({ phase }) => phase === 'ready');
  await handle.kill(soon());
  const exit = await handle.ended;
  assert.deepEqual(exit?.vmm, { signal: 9 });
  assert.equal(exit.killed, true);
  const next = await world.start(['exit=0']);
  assert.deepEqual((await next.ended)?.vmm, { code: 0 });
  assert.deepEqual(await world.processes(), []);
});

test('the old exit record is gone while a new run lasts', async () => {
  await using world = await makeWorld();
  await (await world.start(['exit=1'])).ended;
  assert.notEqual(await world.supervisor.readExit(world.vm), undefined);
  await world.start(['serve']);
  assert.equal(await world.supervisor.readExit(world.vm), undefined);
});

test('HAZ-04: kill -9 of the supervisor ends the VMM and its helpers; the next start does not mind the stale files', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['fork', 'serve']);
  await eventually(world.processes, (pids) => pids.length === 3); // supervisor, VMM, helper
  process.kill(handle.process.pid, 'SIGKILL');
  assert.equal(await handle.ended, undefined);
  await eventually(world.processes, (pids) => pids.length === 0);
  assert.ok((await world.files()).includes('run/spawn.sock'));
  assert.equal(await world.supervisor.adopt(world.run, soon()), undefined);
  const next = await world.start(['exit=0']);
  assert.deepEqual((await next.ended)?.vmm, { code: 0 });
});

test('helpers of the VMM end with it', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['fork', 'exit=0']);
  assert.deepEqual((await handle.ended)?.vmm, { code: 0 });
  assert.deepEqual(await world.processes(), []);
});

test('the daemon may come and go: a handle is closed, another adopted, the VM does not notice', async () => {
  await using world = await makeWorld();
  const first = await world.start([`token=${world.token}`, 'ready=app', 'serve']);
  const vmmPid = first.status().vmmPid;
  first.close();
  const second = await world.supervisor.adopt(world.run, soon());
  assert.ok(second);
  assert.deepEqual(second.process, first.process);
  assert.equal(second.status().vmmPid, vmmPid);
  const console = await second.open('console', soon());
  console.resume();
  console.write('exit 5\n');
  assert.equal((await second.ended)?.main?.code, 5);
});

test('SIGTERM, SIGHUP and SIGINT do not end a supervisor', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['serve']);
  for (const name of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)
    process.kill(handle.process.pid, name);
  const again = await world.supervisor.adopt(world.run, soon());
  assert.ok(again);
  again.close();
  assert.ok(isAlive(handle.process));
});

test('two supervisors never serve one slot', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['serve']);
  const { status } = handle;
  const launch = world.launch(['serve']);
  await assert.rejects(
    hostCommands().run([SPAWN, join(launch.runDirectory, 'spawn.launch')]),
    /run: .*another supervisor serves it/,
  );
  assert.equal(status().phase, 'starting');
  assert.ok(isAlive(handle.process));
});

test('the VMM gets the named descriptors, no privileges to gain, umask 077, no blocked signals', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['show=fds', 'show=status', 'show=uid', 'stdout=complaint', 'exit=0']);
  await handle.ended;
  const log = await readFile(join(world.logs, 'vmm.log'), 'utf8');
  assert.match(log, /^fds: 0 1 2 3 4 5 6$/m);
  assert.match(log, /^NoNewPrivs:\t1$/m);
  assert.match(log, /^Umask:\t0077$/m);
  assert.match(log, /^SigBlk:\t0{16}$/m);
  assert.match(log, /^complaint$/m);
});

test('SEC-05: with a uid the VMM has it, no other groups, and no capability', {
  skip: process.getuid?.() !== 0,
}, async () => {
  await using world = await makeWorld();
  assert.ok((await stat(STAND_IN)).mode & 1, 'others may execute the stand-in');
  const handle = await world.start(['show=uid', 'show=status', 'exit=0'], { uid: 54_321, gid: 54_321 });
  await handle.ended;
  const log = await readFile(join(world.logs, 'vmm.log'), 'utf8');
  assert.match(log, /^uid: 54321 gid: 54321 groups: 0/m);
  assert.match(log, /^CapEff:\t0{16}$/m);
});
