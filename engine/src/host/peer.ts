// Who is at the other end of a unix socket. Node cannot ask the kernel; a small program that is handed the descriptor can.
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** The ids a process had when it connected (unix(7), SO_PEERCRED). */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

const DEADLINE_MS = 5_000;

/**
 * Asks the kernel. Undefined where it cannot tell: the socket is closed already, or is none of a unix socket's.
 * @param spawnPath absolute path of ignite-spawn
 */
export async function peerOf(socket: Socket, spawnPath: string): Promise<Peer | undefined> {
  if (socket.destroyed) return undefined;
  // Not as 0, 1 or 2: those are made blocking in the child, and with them the daemon's own end (libuv, uv_spawn).
  const child = spawn(spawnPath, ['--peer'], {
    stdio: ['ignore', 'pipe', 'ignore', socket],
    env: {},
    cwd: '/',
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const { stdout } = child;
  if (stdout === null) return undefined;
  const failed = new Promise<string>((resolve) => child.once('error', () => resolve('')));
  const [pid, uid, gid] =
    /^(\d+) (\d+) (\d+)$/m.exec(await Promise.race([text(stdout), failed]))?.slice(1) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), uid: Number(uid), gid: Number(gid) };
}
