// Who is at the other end of a unix socket. Node cannot ask the kernel; the runner can take a look at the descriptor, and a
// small program that is handed it.
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { hasStreams } from './has-streams.ts';

/** The ids a process had when it connected (unix(7), SO_PEERCRED). */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const DEADLINE_MS = 5_000;

/** Who is asked. */
interface PeerSources {
  /** Absolute path of ignite-spawn. */
  readonly spawnPath: string;
  /** Looks at this process's descriptors from outside; undefined where it may not. */
  readonly runner?: { peer(descriptor: number): Promise<Peer | undefined> };
}

/** Asks the kernel. Undefined where it does not know: the socket is closed already, or is no unix socket. */
export async function peerOf(socket: Socket, { spawnPath, runner }: PeerSources): Promise<Peer | undefined> {
  if (socket.destroyed) return undefined;
  const descriptor = descriptorOf(socket);
  const found = descriptor === undefined ? undefined : await runner?.peer(descriptor);
  // While the socket was open, the descriptor was its own.
  if (socket.destroyed) return undefined;
  return found ?? (await peerByProgram(socket, spawnPath));
}

/** The descriptor's number, which Node keeps in the socket's handle; undefined where it does not. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return undefined;
  const descriptor: unknown = Reflect.get(handle, 'fd');
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
}

async function peerByProgram(socket: Socket, spawnPath: string): Promise<Peer | undefined> {
  // Not as 0, 1 or 2: those are made blocking in the child, and with them the daemon's own end (libuv, uv_spawn).
  const child = spawn(spawnPath, ['--peer'], {
    stdio: ['ignore', 'pipe', 'ignore', socket],
    env: {},
    cwd: '/',
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const failed = new Promise<string>((resolve) => child.once('error', () => resolve('')));
  const { stdout } = child;
  if (!hasStreams(child) || stdout === null) return undefined;
  const [pid, uid, gid] =
    /^(\d+) (\d+) (\d+)$/m.exec(await Promise.race([text(stdout), failed]))?.slice(1) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), uid: Number(uid), gid: Number(gid) };
}
