// ignite-spawn in containers of the real Docker and the real containerd (Debian's): it is started, found again, ended,
// and removed as one that runs beside the daemon.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostClock, hostCommands, isAlive } from '../../../engine/src/host/index.ts';
import {
  CONTAINER_LABELS,
  containerdRuntime,
  type ContainerRuntimeName,
  dockerRuntime,
  type LaunchContainer,
} from '../../../engine/src/supervisor/index.ts';
import { startContainerd, startDockerd } from '../../containers/index.ts';
import { eventually, makeWorld, SPAWN, soon, statusWhere, type World } from './world.ts';

const commands = hostCommands();
const clock = hostClock();

interface Host extends AsyncDisposable {
  readonly runtime: Parameters<typeof makeWorldIn>[0];
  restart(): Promise<void>;
  /** Removes a container as somebody else does. */
  remove(name: string): Promise<unknown>;
  /** Leaves what a start leaves that was ended half way. */
  leaveHalf(name: string): Promise<unknown>;
  /** Leaves the control groups of a task that it knows nothing of any more, as one does that is killed while it makes it. */
  leaveGroups(name: string): Promise<unknown>;
  /** Everything of ours that it has. */
  left(): Promise<string>;
}

function makeWorldIn(runtime: ReturnType<typeof dockerRuntime>, instance: string) {
  return makeWorld({ instance, runtimes: [runtime] });
}

async function dockerHost(): Promise<Host> {
  const dockerd = await startDockerd({ liveRestore: true });
  const { docker } = dockerd;
  return {
    runtime: dockerRuntime({ socket: dockerd.host.slice('unix://'.length), program: SPAWN }),
    restart: dockerd.restart,
    remove: (name) => docker('rm', '-f', name),
    leaveHalf: async () => {}, // Docker makes a container as one
    leaveGroups: async () => {}, // its name is Docker's own
    left: async () => (await docker('ps', '-aq')) + (await docker('images', '-q')),
    [Symbol.asyncDispose]: () => dockerd[Symbol.asyncDispose](),
  };
}

async function containerdHost(): Promise<Host> {
  const containerd = await startContainerd();
  const ctr = (...words: readonly string[]) => containerd.ctr('--namespace', 'firecracker', ...words);
  const snapshotter = 'native'; // whatever the machine's file system is
  return {
    runtime: containerdRuntime({
      commands,
      clock,
      socket: containerd.address,
      snapshotter,
      program: SPAWN,
    }),
    restart: containerd.restart,
    remove: async (name) => {
      await ctr('tasks', 'delete', '--force', name);
      await ctr('containers', 'delete', name);
    },
    leaveHalf: (name) => ctr('snapshots', '--snapshotter', snapshotter, 'prepare', name),
    leaveGroups: async (name) => {
      for (const path of await groupsOf(name)) await mkdir(path, { recursive: true });
    },
    left: async () =>
      (await ctr('tasks', 'list', '--quiet')) +
      (await ctr('containers', 'list', '--quiet')) +
      (await ctr('images', 'list', '--quiet')) +
      // Those of an image go later, by themselves.
      ((await ctr('snapshots', '--snapshotter', snapshotter, 'list')).match(/^ignite-\S+/gm) ?? []).join(),
    [Symbol.asyncDispose]: () => containerd[Symbol.asyncDispose](),
  };
}

/** Where runc makes the groups of a container of containerd's: in every hierarchy, of either version. */
async function groupsOf(name: string): Promise<string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = mounts.flatMap((line) => (/ - cgroup2? /.test(line) ? (line.split(' ')[4] ?? []) : []));
  return points.map((point) => join(point, 'firecracker', name));
}

function containerOf(runtime: ContainerRuntimeName, instance: string): LaunchContainer {
  const name = `ignite-${randomBytes(8).toString('hex')}`;
  const labels = { [CONTAINER_LABELS.instance]: instance, [CONTAINER_LABELS.slot]: '7' };
  return { runtime, name, labels, env: { SEEN: 'by its supervisor' } };
}

/** Runs what a jailer does before it shuts its VMM in, from a folder that no container has of itself. */
async function jailed(world: World, container: LaunchContainer) {
  const jailer = join(world.root, 'busybox');
  await copyFile('/bin/busybox', jailer);
  await chmod(jailer, 0o755);
  const device = ['/dev/loop-control', '/dev/fuse', '/dev/kvm'].find((path) => existsSync(path));
  const root = join(world.run, 'jail');
  const steps = [
    'read go',
    'ulimit -n 1024', // as much as Firecracker's is told to set; the hard limit with it
    ...(device === undefined ? [] : [`exec 9<>${device}`]),
    `mknod ${root}/vm/root/node c 1 3`,
    `exec 8<>${root}/vm/root/node`,
    'exit 42',
  ];
  const uses = [jailer, ...(device === undefined ? [] : [device])];
  const handle = await world.start([], {
    container,
    argv: [jailer, 'sh', '-c', steps.join(' && ')],
    descriptors: [{ fd: 0, kind: 'console' }],
    jail: { root, jailer: '/vm/root', binds: [], mebibytes: 4, uses },
  });
  (await handle.open('console', soon())).write('go\n');
  return handle.ended;
}

for (const [name, open] of [
  ['docker', dockerHost],
  ['containerd', containerdHost],
] as const)
  test(`API-A05: ${name}: a VM outlives its restart, ends as others do, and leaves nothing there`, async () => {
    await using host = await open();
    const instance = randomBytes(3).toString('hex');
    await using world = await makeWorldIn(host.runtime, instance);
    const { supervisor, token } = world;
    const container = containerOf(name, instance);
    const serve = [`token=${token}`, 'ready=app', 'serve'];
    await host.leaveHalf(container.name);
    const handle = await world.start(serve, { container });
    await statusWhere(handle, ({ phase }) => phase === 'ready');
    assert.equal(isAlive(handle.process), true, 'its pid is the host’s');
    const environment = (await readFile(`/proc/${handle.process.pid}/environ`, 'utf8')).split('\0');
    assert.ok(environment.includes('SEEN=by its supervisor'), environment.join());
    assert.deepEqual(await supervisor.containers(soon()), [{ runtime: name, name: container.name, slot: 7 }]);

    await host.restart();
    assert.equal(isAlive(handle.process), true);
    const again = await supervisor.adopt(world.run, soon());
    assert.deepEqual(again?.process, handle.process);
    again?.close();
    await handle.kill(soon());
    assert.equal((await handle.ended)?.killed, true);
    await supervisor.removeContainer(container, soon());
    assert.equal(await host.left(), '');
    await host.leaveGroups(container.name);
    await supervisor.removeContainer(container, soon()); // none is no error
    assert.deepEqual((await groupsOf(container.name)).filter(existsSync), []);

    // One that somebody else removes has left no word.
    const next = await world.start(serve, { container });
    await host.remove(container.name);
    assert.equal(await next.ended, undefined);
    await eventually(world.processes, (pids) => pids.length === 0);

    assert.deepEqual((await jailed(world, container))?.vmm, { code: 42 });
    await supervisor.removeContainer(container, soon());

    // A start that fails says why, and takes all back.
    await assert.rejects(
      world.start([], { container, argv: ['/nonexistent'] }),
      (error: { code?: string; stage?: string; message?: string }) =>
        error.code === 'supervisor/start-failed' &&
        error.stage === 'exec' &&
        /nonexistent/.test(error.message ?? ''),
    );
    assert.equal(await host.left(), '');
    assert.deepEqual(await world.processes(), []);
  });

test('PRE-03, PRE-04, PRE-06: a runtime that does not answer is named', async () => {
  const instance = randomBytes(3).toString('hex');
  const nowhere = '/nonexistent/s.sock';
  const runtimes = [
    dockerRuntime({ socket: nowhere, program: SPAWN }),
    containerdRuntime({ commands, clock, socket: nowhere, program: SPAWN }),
  ];
  await using world = await makeWorld({ instance, runtimes });
  for (const { name } of runtimes) {
    const container = containerOf(name, instance);
    await assert.rejects(world.start([], { container }), { code: 'supervisor/no-runtime' });
    await assert.rejects(world.supervisor.requireRuntime(name, soon()), { code: 'supervisor/no-runtime' });
  }
  assert.deepEqual(await world.supervisor.containers(soon()), []);
});
