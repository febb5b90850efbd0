// The status channel of one supervisor: the newest line, and word of every change until the supervisor is gone.
import type { Socket } from 'node:net';
import { IgniteError } from '@ignite/api';
import { unlessAborted } from '../work/index.ts';
import { openChannel } from './connect.ts';
import { lineSplitter } from './lines.ts';
import type { SupervisorStatus } from './port.ts';
import { parseStatus } from './schema.ts';

/** Longer than any line of native/spawn/status.c. */
const MAX_LINE_BYTES = 128 << 10;

export interface StatusFeed {
  /** The newest line. */
  current(): SupervisorStatus;
  onStatus(listener: (status: SupervisorStatus) => void): () => void;
  /** Settles when the connection has ended, by whomever. */
  readonly closed: Promise<void>;
  close(): void;
}

/**
 * Connects and waits for the first line.
 * @throws IgniteError `supervisor/gone`, `supervisor/silent`
 */
export async function openStatusFeed(socketPath: string, signal: AbortSignal): Promise<StatusFeed> {
  const socket = await openChannel(socketPath, 'status', signal);
  const listeners = new Set<(status: SupervisorStatus) => void>();
  let current: SupervisorStatus | undefined;
  const first = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const take = lineSplitter(MAX_LINE_BYTES, (line) => {
    current = parseStatus(line) ?? current;
    if (current === undefined) return;
    first.resolve();
    for (const listener of [...listeners]) listener(current);
  });
  socket.on('data', take);
  socket.once('close', () => closed.resolve());
  await firstLine(socket, first.promise, closed.promise, signal);
  const current_ = () => {
    if (current === undefined) throw new IgniteError('supervisor/silent', 'The supervisor has no status');
    return current;
  };
  return {
    current: current_,
    onStatus: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    closed: closed.promise,
    close: () => socket.destroy(),
  };
}

async function firstLine(
  socket: Socket,
  first: Promise<void>,
  closed: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const late = (cause: unknown) =>
    new IgniteError('supervisor/silent', 'The supervisor did not send its status', { cause });
  const gone = closed.then(() => {
    throw new IgniteError('supervisor/gone', 'The supervisor ended before it sent its status');
  });
  try {
    await unlessAborted(Promise.race([first, gone]), signal, late);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
