// The daemon's runner: a small process that starts short programs for it (native/spawn/runner.c). It is started while the
// daemon is small, and again after it has ended; in the meantime programs are children of the daemon.
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { hasStreams } from '../has-streams.ts';
import { HOST_PATH } from '../host-path.ts';
import type { Peer } from '../peer.ts';
import type { Program } from '../program.ts';
import { type Connection, connectRunner } from './connection.ts';
import type { RunnerRequest } from './frames.ts';

/** After one that ended before it served: it would end again. */
const RETRY_MS = 60_000;

export interface Runner {
  /** Undefined: not by the runner, which none may be serving; nothing was started. */
  start(request: RunnerRequest, maxOutputBytes: number): Program | undefined;
  /** Undefined where the kernel does not let a runner ask who is at the other end of this process's sockets. */
  peer(descriptor: number): Promise<Peer | undefined>;
  close(): void;
}

interface RunnerOptions {
  /** Told once, of the first one that ends before it has served: a build of another version, or none at all. */
  readonly complain?: (text: string, error: unknown) => void;
}

/**
 * Starts one. It inherits working folder and umask, so both are to be final.
 * @param spawnPath absolute path of ignite-spawn
 */
export function startRunner(spawnPath: string, { complain }: RunnerOptions = {}): Runner {
  let current: Connection | undefined;
  let notBefore = Number.NEGATIVE_INFINITY;
  let closed = false;
  let tellsPeers = true;
  let told = false;
  const tell = (why: string) => {
    if (told || closed) return;
    told = true;
    const text = `${spawnPath} does not serve as runner: the daemon starts every program itself, which is slower; build or install it anew`;
    complain?.(text, new Error(why));
  };
  const begin = () => {
    if (closed || performance.now() < notBefore) return;
    const child = spawn(spawnPath, ['--runner'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: { PATH: HOST_PATH, LC_ALL: 'C' },
    });
    const connection = connectTo(child);
    current = connection;
    const over = (why: string) => {
      if (connection?.hasServed() !== true) {
        notBefore = performance.now() + RETRY_MS;
        tell(why);
      }
      connection?.close();
      if (current === connection) current = undefined;
    };
    child.once('error', (error) => over(error.message));
    child.once('exit', (code, signal) => over(`it ended with ${signal ?? code}`));
    child.unref();
  };
  begin();
  return {
    start: (request, maxOutputBytes) => {
      if (current === undefined || current.isOver()) begin();
      return current?.start(request, maxOutputBytes);
    },
    peer: async (descriptor) => {
      const found = tellsPeers ? await current?.peer(descriptor) : undefined;
      // Refused for good: an old kernel, or no right to look into a process.
      if (found === 'ENOSYS' || found === 'EPERM') tellsPeers = false;
      return typeof found === 'string' ? undefined : found;
    },
    close: () => {
      closed = true;
      current?.close();
    },
  };
}

function connectTo(child: ChildProcess): Connection | undefined {
  const channel = hasStreams(child) ? child.stdio[3] : undefined;
  if (!(channel instanceof Socket)) return undefined;
  channel.unref();
  return connectRunner(channel);
}
