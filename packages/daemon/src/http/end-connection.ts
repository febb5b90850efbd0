// The end of an upgraded connection that came to nothing. What Node's server gives a client's connection for a deadline
// ends with the upgrade: from there on it is ours.
import type { Duplex } from 'node:stream';

/** For a client to read why, and to close its side. */
const CLOSE_WITHIN_MS = 30_000;

/** Ends our side, and the whole where the client does not follow, which would hold a descriptor of ours for ever. */
export function endConnection(socket: Duplex, closeWithinMs = CLOSE_WITHIN_MS): void {
  if (socket.destroyed) return;
  const over = setTimeout(() => socket.destroy(), closeWithinMs).unref();
  socket.once('close', () => clearTimeout(over));
  socket.end();
}
