// Asks a supervisor to kill its VMM, and knows when that is done. A supervisor that does not answer is killed itself: its
// VMM dies with it (native/spawn/vmm.c, the death signal).
import type { Socket } from 'node:net';
import { IgniteError, isIgniteError } from '@ignite/api';
import { type Clock, isAlive, type ProcessIdentity } from '../host/index.ts';
import { unlessAborted } from '../work/index.ts';
import { openChannel } from './connect.ts';
import type { KillMeans } from './port.ts';

/** How long a supervisor may take to kill its VMM, to write down how it ended, and to end: it may wait for a slow disk. */
const PATIENCE_MS = 10_000;
const ASK_AGAIN_MS = 20;
/** How long a process may take to die. */
const DEATH_MS = 30_000;

export interface KillTarget {
  readonly socketPath: string;
  readonly process: ProcessIdentity;
  /** Settles when the supervisor is gone. */
  readonly ended: Promise<unknown>;
  readonly clock: Pick<Clock, 'sleep'>;
  /** How long it may take to end when it is asked, in ms. */
  readonly patienceMs?: number;
}

/**
 * Returns when the supervisor and its VMM are gone, at once where they were. A supervisor that does not end within its
 * time, because it is stopped or hangs, is killed.
 * @throws IgniteError `supervisor/silent` when the signal comes first, or where not even SIGKILL ends it: it hangs in the kernel
 */
export async function killVmm(target: KillTarget, signal: AbortSignal): Promise<KillMeans> {
  const { patienceMs = PATIENCE_MS } = target;
  const asking = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  try {
    await askUntilHeard(target, asking);
    await before(target.ended, asking);
    return 'asked';
  } catch (error) {
    if (signal.aborted || !isIgniteError(error, 'supervisor/silent')) throw error;
  }
  await forceEnd(target.process, target.clock, signal);
  await before(target.ended, AbortSignal.any([signal, AbortSignal.timeout(DEATH_MS)]));
  return 'forced';
}

/**
 * SIGKILL to a supervisor, and with it to its VMM; returns when it is gone.
 * @throws IgniteError `supervisor/silent` when the signal comes first, or where it hangs in the kernel
 */
export async function forceEnd(
  identity: ProcessIdentity,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEATH_MS)]);
  // In one turn: the pid cannot be another process's by then.
  if (isAlive(identity)) process.kill(identity.pid, 'SIGKILL');
  while (isAlive(identity)) {
    if (deadline.aborted)
      throw new IgniteError('supervisor/silent', `The supervisor ${identity.pid} does not die of SIGKILL`, {
        cause: deadline.reason,
      });
    await clock.sleep(ASK_AGAIN_MS);
  }
}

async function askUntilHeard(target: KillTarget, signal: AbortSignal): Promise<void> {
  while (!(await askOnce(target, signal))) {
    // The connection ended without an answer: the supervisor has just ended, or had too many clients.
    if (!isAlive(target.process)) return;
    await target.clock.sleep(ASK_AGAIN_MS);
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
  const closed = Promise.withResolvers<boolean>();
  let ok = false;
  socket.on('data', () => {
    ok = true;
  });
  socket.once('close', () => closed.resolve(ok));
  try {
    return await before(closed.promise, signal);
  } finally {
    socket.destroy();
  }
}

/** @throws IgniteError `supervisor/silent` when the signal comes first */
function before<T>(fact: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = (cause: unknown) =>
    new IgniteError('supervisor/silent', 'The supervisor did not end the VMM in time', { cause });
  return unlessAborted(fact, signal, late);
}
