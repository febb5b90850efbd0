// Starts that cannot succeed: one line `stage: message`, and nothing left.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostCommands } from '../../../engine/src/host/index.ts';
import type { Launch } from '../../../engine/src/supervisor/index.ts';
import { eventually, killNow, makeWorld, SPAWN, soon, statusWhere, type World } from './world.ts';

const root = process.getuid?.() === 0;

async function refuses(world: World, change: Partial<Launch>, stage: string, text: RegExp): Promise<void> {
  const before = await world.files();
  await assert.rejects(world.supervisor.start(world.launch(['serve'], change), soon()), (error) => {
    assert.ok(isIgniteError(error, 'supervisor/start-failed'), String(error));
    assert.equal(error.stage, stage);
    assert.match(error.message, text);
    return true;
  });
  await eventually(world.processes, (pids) => pids.length === 0);
  assert.deepEqual(await world.files(), before);
}

test('the VMM’s program is missing, or is none', async () => {
  await using world = await makeWorld();
  await refuses(world, { argv: ['/nowhere/vmm'] }, 'exec', /\/nowhere\/vmm: No such file/);
  const text = join(world.root, 'text');
  await writeFile(text, 'no program', { mode: 0o755 });
  await refuses(world, { argv: [text] }, 'exec', /Exec format error/);
});

test('SPN-02: folders that are missing, each at its stage of the start', async () => {
  await using world = await makeWorld();
  const nowhere = join(world.root, 'nowhere');
  await refuses(world, { runDirectory: nowhere }, 'launch', /launch file/);
  await refuses(world, { logDirectory: nowhere }, 'logs', /No such file/);
  await refuses(world, { vmDirectory: nowhere }, 'exit', /No such file/);
  await refuses(world, { cgroups: [join(nowhere, 'cgroup.procs')] }, 'cgroup', /No such file/);
});

test('a run directory that is too long for a socket', async () => {
  await using world = await makeWorld();
  const run = join(world.root, 'r'.repeat(100));
  await mkdir(run);
  await refuses(world, { runDirectory: run }, 'launch', /too long/);
});

test('a namespace or a tap that is not there', { skip: !root }, async () => {
  await using world = await makeWorld();
  await refuses(world, { netns: '/run/netns/no-such-namespace' }, 'netns', /No such file/);
  const descriptors = [{ fd: 3, kind: 'tap', tap: 'ignnosuchtap' }] as const;
  await refuses(world, { descriptors }, 'tap', /no such interface/);
});

test('a full disk below the VM’s folder, and below the run directory', { skip: !root }, async () => {
  await using world = await makeWorld();
  for (const [name, change, stage] of [
    ['vmfull', (path: string) => ({ vmDirectory: path }), 'exit'],
    ['runfull', (path: string) => ({ runDirectory: path }), 'launch'],
  ] as const) {
    const path = join(world.root, name);
    await mkdir(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path]);
    try {
      await writeFile(join(path, 'filler'), Buffer.alloc(1 << 20)).catch(() => {});
      await refuses(world, change(path), stage, stage === 'exit' ? /No space left/ : /launch file/);
    } finally {
      execFileSync('umount', ['-l', path]);
    }
  }
});

test('a log disk that fills up is noted, never in the way; exit.json is written all the same', {
  skip: !root,
}, async () => {
  await using world = await makeWorld();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', world.logs]);
  try {
    const handle = await world.start([
      `token=${world.token}`,
      'console-flood=2000000',
      'log=1:2000000:5000',
      'done=6',
      'exit=0',
    ]);
    assert.equal((await handle.ended)?.main?.code, 6);
    const told = handle.status().notes.filter(({ stage }) => stage === 'log');
    assert.match(told[0]?.text ?? '', /No space left on device/);
  } finally {
    execFileSync('umount', ['-l', world.logs]);
  }
});

test('a VM’s disk that fills up while it runs does not lose the exit code', { skip: !root }, async () => {
  await using world = await makeWorld();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', world.vm]);
  try {
    const handle = await world.start([`token=${world.token}`, 'ready=app', 'serve']);
    await statusWhere(handle, ({ phase }) => phase === 'ready');
    await writeFile(join(world.vm, 'filler'), Buffer.alloc(1 << 20)).catch(() => {});
    const console = await handle.open('console', soon());
    console.resume();
    console.write('exit 77\n');
    await handle.ended;
    assert.equal((await world.supervisor.readExit(world.vm))?.main?.code, 77);
  } finally {
    execFileSync('umount', ['-l', world.vm]);
  }
});

test('a log directory on a read-only file system', { skip: !root }, async () => {
  await using world = await makeWorld();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', world.logs]);
  try {
    await refuses(world, {}, 'logs', /Read-only file system/);
  } finally {
    execFileSync('umount', ['-l', world.logs]);
  }
});

test('an ordinary user: no change of uid; without one the VMM dies with its supervisor', {
  skip: !root,
}, async () => {
  await using world = await makeWorld();
  const user = ['setpriv', '--reuid=54322', '--regid=54322', '--clear-groups', SPAWN] as const;
  for (const path of [world.root, world.run, world.vm, world.logs])
    execFileSync('chown', ['54322:54322', path]);
  await chmod(world.root, 0o755);
  const launchPath = join(world.run, 'spawn.launch');
  const { encodeLaunch } = await import('../../../engine/src/supervisor/launch-file.ts');
  const write = (launch: Launch) =>
    writeFile(launchPath, encodeLaunch(launch)).then(() => chmod(launchPath, 0o644));

  await write(world.launch(['serve'], { uid: 1, gid: 1 }));
  await assert.rejects(hostCommands().run([...user, launchPath]), /uid: .*Operation not permitted/);
  await eventually(world.processes, (pids) => pids.length === 0);

  await write(world.launch(['fork', 'serve']));
  await hostCommands().run([...user, launchPath]);
  const handle = await world.supervisor.adopt(world.run, soon());
  assert.ok(handle);
  process.kill(handle.process.pid, 'SIGKILL');
  assert.equal(await handle.ended, undefined);
  // Only the VMM itself is held by its death signal; a helper of its own is found by the cgroup, so none is asked here.
  await eventually(
    () => readFile(`/proc/${handle.status().vmmPid}/stat`, 'utf8').catch(() => ''),
    (text) => text === '' || / Z /.test(text),
  );
  for (const pid of await world.processes()) killNow(pid);

  await write(world.launch(['fork', 'exit=4']));
  await hostCommands().run([...user, launchPath]);
  const next = await world.supervisor.adopt(world.run, soon());
  assert.deepEqual((await next?.ended)?.vmm, { code: 4 });
  await eventually(world.processes, (pids) => pids.length === 0);
});

test('a cancelled start leaves nothing', async () => {
  await using world = await makeWorld();
  for (let delay = 0; delay < 12; delay++) {
    const abort = new AbortController();
    const start = world.supervisor.start(world.launch(['serve']), abort.signal);
    setTimeout(() => abort.abort(), delay);
    const handle = await start.catch(() => undefined);
    await handle?.kill(soon());
    handle?.close();
    await eventually(world.processes, (pids) => pids.length === 0);
  }
  assert.deepEqual(
    (await world.files()).filter((name) => name.endsWith('.sock') || name.endsWith('.tmp')),
    [],
  );
});

test('launch files and links that are none of ours', async () => {
  await using world = await makeWorld();
  const [file, link] = [join(world.run, 'a'), join(world.run, 'b')];
  await writeFile(file, 'nonsense');
  await symlink(file, link);
  for (const path of [file, link, world.run, join(world.run, 'missing')])
    await assert.rejects(hostCommands().run([SPAWN, path]), /launch: /);
  await rm(file);
  await assert.rejects(hostCommands().run([SPAWN]), /usage/);
});
