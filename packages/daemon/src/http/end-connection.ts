// Ends an upgraded connection that could not be served. After the upgrade Node's server sets no deadline any more, so the
// connection gets one here.
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
