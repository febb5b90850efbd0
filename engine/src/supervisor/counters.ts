// What a VMM has counted, as its supervisor adds it up: one line of the counters channel, then the channel ends.
import { once } from 'node:events';
import { openChannel } from './connect.ts';
import type { VmmCounters } from './port.ts';
import { parseCounters } from './schema.ts';

/** Six numbers of at most twenty digits with their names. */
const MAX_BYTES = 1024;

/**
 * Asks once; undefined where the supervisor has no counters.
 * @throws IgniteError `supervisor/gone`, `supervisor/silent`; the signal's reason
 */
export async function readCounters(
  socketPath: string,
  signal: AbortSignal,
): Promise<VmmCounters | undefined> {
  const socket = await openChannel(socketPath, 'counters', signal);
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    if (text.length > MAX_BYTES) socket.destroy();
  });
  try {
    await once(socket, 'close', { signal });
    return parseCounters(text);
  } finally {
    socket.destroy();
  }
}
