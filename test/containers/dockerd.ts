// Debian's Docker daemon with folders and a socket of its own, and no network: it only keeps images.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startContainerd } from './containerd.ts';
import { startProgram } from './start-program.ts';

const execute = promisify(execFile);

export interface Dockerd extends AsyncDisposable {
  /** `unix:///…` for DOCKER_HOST. */
  readonly host: string;
  docker(...argv: readonly string[]): Promise<string>;
}

/** Starts it with a containerd of its own; disposing ends both and removes their folders. */
export async function startDockerd(): Promise<Dockerd> {
  await using owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'dockerd-'));
  owned.defer(() => rm(folder, { recursive: true, force: true }));
  const containerd = owned.use(await startContainerd());
  const host = `unix://${folder}/d.sock`;
  const docker = async (...argv: readonly string[]) =>
    (await execute('docker', ['--host', host, ...argv], { timeout: 300_000 })).stdout;
  const argv = [
    'dockerd',
    ...['--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`, '--pidfile', `${folder}/pid`],
    ...['--host', host, '--containerd', containerd.address, '--storage-driver', 'vfs'],
    ...['--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
  ];
  owned.use(await startProgram(argv, { ready: () => docker('version'), env: { DOCKER_RAMDISK: 'true' } }));
  const held = owned.move();
  return { host, docker, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
