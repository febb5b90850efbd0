// Debian's Docker daemon with folders and a socket of its own. Without a namespace it has no network and only keeps
// images; in a namespace of the test it makes its default bridge, its rules and containers there.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Containerd, startContainerd } from './containerd.ts';
import { startProgram } from './start-program.ts';

const execute = promisify(execFile);

export interface Dockerd extends AsyncDisposable {
  /** `unix:///…` for DOCKER_HOST. */
  readonly host: string;
  docker(...argv: readonly string[]): Promise<string>;
  /** Its own. */
  readonly containerd: Containerd;
  /** Ends it, with its containers, and starts it again. */
  restart(): Promise<void>;
}

export interface DockerdOptions {
  /** Name of a network namespace that Docker may have for itself. */
  readonly netns?: string;
  /** Its containers run on while it is restarted. */
  readonly liveRestore?: boolean;
}

const NO_NETWORK = ['--bridge', 'none', '--iptables=false', '--ip-forward=false', '--ip-masq=false'];
/** Docker's own default, given so that it does not look for a free one on the machine. */
const BRIDGED = ['--bip', '172.17.0.1/16'];

/** Starts it with a containerd of its own; disposing ends both and removes their folders. */
export async function startDockerd({ netns, liveRestore = false }: DockerdOptions = {}): Promise<Dockerd> {
  await using owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'dockerd-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const containerd = owned.use(await startContainerd());
  const host = `unix://${folder}/d.sock`;
  const docker = async (...argv: readonly string[]) =>
    (await execute('docker', ['--host', host, ...argv], { timeout: 300_000 })).stdout;
  const argv = [
    ...(netns === undefined ? [] : ['nsenter', `--net=/run/netns/${netns}`]),
    'dockerd',
    ...['--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`, '--pidfile', `${folder}/pid`],
    ...['--host', host, '--containerd', containerd.address, '--storage-driver', 'vfs'],
    ...(netns === undefined ? NO_NETWORK : BRIDGED),
    '--ip6tables=false',
    ...(liveRestore ? ['--live-restore'] : []),
  ];
  const start = () => startProgram(argv, { ready: () => docker('version'), env: { DOCKER_RAMDISK: 'true' } });
  owned.defer(() => unmountBelow(folder)); // its own folder and namespaces, which it leaves mounted
  let program = await start();
  owned.defer(() => program[Symbol.asyncDispose]());
  const held = owned.move();
  return {
    host,
    docker,
    containerd,
    restart: async () => {
      await program[Symbol.asyncDispose]();
      program = await start();
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function unmountBelow(folder: string): Promise<void> {
  const points = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  for (const point of points.filter((one) => one.startsWith(`${folder}/`)).toReversed())
    await execute('umount', ['--lazy', point]);
}
