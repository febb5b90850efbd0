// The daemon's runner with real programs: what they get and tell, what happens when it ends, when the daemon is killed.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { hostCommands, peerOf, type Runner, startRunner } from '../../../engine/src/host/index.ts';
import { waitFor } from '../../e2e/world/wait-for.ts';

const SPAWN = resolve(import.meta.dirname, '../../../build/native/ignite-spawn');
const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

const folder = await mkdtemp(join(tmpdir(), 'ignite-runner-'));
after(() => rm(folder, { recursive: true, force: true }));

/** A runner that serves, with what runs by it alone. */
async function serving(): Promise<{ runner: Runner; pid: number } & AsyncDisposable> {
  const before = new Set(await runnersOf(process.pid));
  const runner = startRunner(SPAWN);
  const pid = await waitFor('the runner serves', () => servingPid(runner, before));
  const close = async () => {
    runner.close();
    await waitFor('the runner has ended', async () => !(await runnersOf(process.pid)).includes(pid));
  };
  return { runner, pid, [Symbol.asyncDispose]: close };
}

/** By its own word: the parent of a program that it has run. */
async function servingPid(runner: Runner, not: ReadonlySet<number>): Promise<number | undefined> {
  const program = runner.start({ argv: ['sh', '-c', 'echo $PPID'], env: ENV }, 100);
  const end = await program?.end;
  if (end?.kind !== 'ended') return undefined;
  const pid = Number(end.stdout.toString());
  return not.has(pid) ? undefined : pid;
}

async function runnersOf(parent: number): Promise<readonly number[]> {
  const pids = (await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '')).split(' ');
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      return line.endsWith('ignite-spawn\0--runner\0') ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

test('programs get what was asked for and nothing of ours, and are told whole', async () => {
  await using world = await serving();
  const { run } = hostCommands(world.runner);
  // 3 is the folder that `ls` reads: neither the daemon's descriptors nor the runner's.
  assert.equal((await run(['ls', '/proc/self/fd'])).stdout, '0\n1\n2\n3\n');
  const given = await run(['sh', '-c', 'pwd; echo $A; cat'], {
    input: 'x'.repeat(300_000),
    cwd: folder,
    env: { ...ENV, A: 'b' },
  });
  assert.equal(given.stdout, `${folder}\nb\n${'x'.repeat(300_000)}`);
  assert.equal((await run(['cat'])).stdout, '');
  const large = await run(['head', '-c', '3000000', '/dev/zero'], { maxOutputBytes: 1000 });
  assert.equal(large.stdout.length, 1000);
  await assert.rejects(run(['no-such-program']), { code: 'host/program-missing' });
  await assert.rejects(run(['sh', '-c', 'echo why >&2; exit 4']), { message: /exit code 4: why/ });
  await assert.rejects(run(['sh', '-c', 'kill -9 $$']), { message: /was ended by SIGKILL/ });
});

test('a network namespace is entered without nsenter', { skip: process.getuid?.() !== 0 }, async () => {
  await using world = await serving();
  const { run } = hostCommands(world.runner);
  const name = `ignite-test-runner-${process.pid}`;
  const inside = { netns: `/run/netns/${name}` };
  await run(['ip', 'netns', 'add', name]);
  try {
    assert.deepEqual(JSON.parse((await run(['ip', '-j', 'link'], inside)).stdout).length, 1);
    assert.equal((await run(['sh', '-c', 'readlink /proc/$PPID/exe'], inside)).stdout, `${SPAWN}\n`);
    await assert.rejects(run(['no-such-program'], inside), {
      code: 'host/program-missing',
      message: /no-such-program is not installed/,
    });
  } finally {
    await run(['ip', 'netns', 'del', name]);
  }
  const said = await run(['true'], { ...inside, okCodes: [1] });
  assert.match(said.stderr, /No such file or directory/);
  await assert.rejects(run(['true'], { netns: SPAWN }), { message: /Invalid argument/ });
});

test('many at once, more than the runner takes', async () => {
  await using world = await serving();
  const { run } = hostCommands(world.runner);
  const numbers = Array.from({ length: 150 }, (_, index) => String(index));
  const said = await Promise.all(numbers.map((number) => run(['cat'], { input: number })));
  assert.deepEqual(
    said.map(({ stdout }) => stdout),
    numbers,
  );
});

test('deadline and cancellation end the program', async () => {
  await using world = await serving();
  const { run } = hostCommands(world.runner);
  await assert.rejects(run(['sleep', '600'], { timeoutMs: 10 }), { code: 'host/deadline' });
  const controller = new AbortController();
  const cancelled = run(['sh', '-c', `trap '' TERM; echo > ${folder}/began; exec sleep 600`], {
    signal: controller.signal,
  });
  await waitFor('it runs', async () => (await readdir(folder)).includes('began'));
  controller.abort();
  await assert.rejects(cancelled, { code: 'host/cancelled' });
});

test('a runner that is killed: what it ran is not known and not run again, and another one comes', async () => {
  await using world = await serving();
  const { run } = hostCommands(world.runner);
  const fifo = join(folder, 'fifo');
  await run(['mkfifo', fifo]);
  const runs = run(['sh', '-c', `echo ran >> ${folder}/count; echo > ${fifo}`]);
  await waitFor('it runs', async () => (await readdir(folder)).includes('count'));
  process.kill(world.pid, 'SIGKILL');
  await assert.rejects(runs, { code: 'host/command-failed', message: /is not known/ });
  await run(['cat', fifo]); // it went on by itself
  assert.equal(await readFile(join(folder, 'count'), 'utf8'), 'ran\n');
  await waitFor('another one serves', () => servingPid(world.runner, new Set([world.pid])));
});

test('one that cannot be started, or is none: children of this process instead, and it is told once', async () => {
  for (const path of ['/no/such/program', '/bin/true']) {
    const told: string[] = [];
    const runner = startRunner(path, { complain: (text) => told.push(text) });
    await waitFor('it is told', async () => told.length > 0);
    assert.equal((await hostCommands(runner).run(['echo', 'a'])).stdout, 'a\n');
    runner.close();
    assert.deepEqual(
      told.map((text) => text.startsWith(`${path} does not serve`)),
      [true],
    );
  }
});

test('the peer of a socket, told from outside', { skip: process.getuid?.() !== 0 }, async () => {
  await using world = await serving();
  const path = join(folder, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect(path);
  const [socket] = await accepted;
  const self = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
  const asked: number[] = [];
  const runner = {
    peer: (descriptor: number) => {
      asked.push(descriptor);
      return world.runner.peer(descriptor);
    },
  };
  assert.deepEqual(await peerOf(socket, { spawnPath: SPAWN, runner }), self);
  assert.equal(asked.length, 1);
  assert.deepEqual(await peerOf(socket, { spawnPath: SPAWN }), self);
  for (const one of [client, socket]) one.destroy();
  assert.equal(await peerOf(socket, { spawnPath: SPAWN, runner }), undefined);
  server.close();
});

test('it is small, and ends with a daemon that is killed; what runs goes on to its own end', async () => {
  const [began, go, over] = ['d-began', 'd-go', 'd-over'].map((name) => join(folder, name));
  const script = `
    import { hostCommands, startRunner } from '${resolve(import.meta.dirname, '../../../engine/src/host/index.ts')}';
    const runner = startRunner('${SPAWN}');
    while ((await runner.start({ argv: ['true'], env: {} }, 1)?.end) === undefined)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await hostCommands(runner).run(['sh', '-c', 'echo > ${began}; cat ${go}; echo > ${over}; exec > /dev/null']);`;
  await hostCommands().run(['mkfifo', go ?? '']);
  const daemon: ChildProcess = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(daemon, 'exit');
  await waitFor('it runs', async () => (await readdir(folder)).includes('d-began'));
  const [pid = 0] = await runnersOf(daemon.pid ?? 0);
  const memory = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const own = [...memory.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB/gm)].map(([, kib]) => Number(kib));
  assert.ok(own.length === 2 && (own[0] ?? 0) + (own[1] ?? 0) <= 1024, memory);
  daemon.kill('SIGKILL');
  await ended;
  await waitFor('the runner has ended', async () => !(await isThere(pid)));
  await hostCommands().run(['sh', '-c', `echo > ${go}`]);
  await waitFor('the program has ended', async () => (await readdir(folder)).includes('d-over'));
});

/** What has ended and waits to be reaped is as good as gone. */
async function isThere(pid: number): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line !== '';
}
