// Asks a supervisor to kill its VMM, and knows when that is done.
import type { Socket } from 'node:net';
import { IgniteError, isIgniteError } from '@ignite/api';
import { isAlive, type ProcessIdentity } from '../host/index.ts';
import { openChannel } from './connect.ts';

export interface KillTarget {
  readonly socketPath: string;
  readonly process: ProcessIdentity;
  /** Settles when the supervisor is gone. */
  readonly ended: Promise<unknown>;
}

/**
 * Returns when the VMM is dead and its exit record is written, at once where it was.
 * @throws IgniteError `supervisor/silent` when the signal comes first
 */
export async function killVmm(target: KillTarget, signal: AbortSignal): Promise<void> {
  for (;;) {
    if (await askOnce(target, signal)) return;
    // The connection ended without an answer: the supervisor has just ended, or had too many clients.
    if (!isAlive(target.process)) {
      await target.ended;
      return;
    }
  }
}

async function askOnce({ socketPath }: KillTarget, signal: AbortSignal): Promise<boolean> {
  try {
    return await answered(await openChannel(socketPath, 'kill', signal), signal);
  } catch (error) {
    if (isIgniteError(error, 'supervisor/gone')) return false;
    throw error;
  }
}

/** Whether `ok` came before the end of the connection. */
async function answered(socket: Socket, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  let ok = false;
  const onAbort = () =>
    reject(
      new IgniteError('supervisor/silent', 'The supervisor did not end the VMM in time', {
        cause: signal.reason,
      }),
    );
  socket.on('data', () => {
    ok = true;
  });
  socket.once('close', () => resolve(ok));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}
