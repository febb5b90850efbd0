// Waits for a daemon that is ending: it has closed its socket, but keeps the state directory until its work has stopped. A
// daemon that still serves is not waited for.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isIgniteError } from '@ignite/api';

/** Who starts a daemon waits for half a minute (packages/cli/src/connect/start-daemon.ts). */
const ENDS_WITHIN_MS = 25_000;
const BETWEEN_MS = 250;

/**
 * What `start` gives, tried again while another daemon is about to let the state directory go.
 * @param onWait called once, before the first wait
 * @throws what `start` throws; `state/locked` where the other one serves, or does not end
 */
export async function unlessServed<T>(
  socket: string,
  start: () => Promise<T>,
  onWait: () => void,
): Promise<T> {
  const until = performance.now() + ENDS_WITHIN_MS;
  for (let waits = 0; ; waits += 1) {
    try {
      return await start();
    } catch (error) {
      if (!isIgniteError(error, 'state/locked') || performance.now() > until) throw error;
      if (await answers(socket)) throw error;
      if (waits === 0) onWait();
      await delay(BETWEEN_MS);
    }
  }
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(path);
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
