// Connections to spawn.sock: the first line names the channel, then the socket is a byte pipe (DESIGN D4).
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { IgniteError } from '@ignite/api';
import { hasErrno } from '../host/index.ts';
import type { Channel } from './port.ts';

/** Every word that ignite-spawn takes as the first line. */
type ChannelName = Channel | 'status' | 'kill' | 'counters';

/**
 * Connects and names the channel.
 * @throws IgniteError `supervisor/gone` where nobody listens, `supervisor/silent` where the signal came first
 */
export async function openChannel(
  socketPath: string,
  name: ChannelName,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = createConnection({ path: socketPath });
  socket.on('error', () => {}); // an error ends the pipe: its reader sees that, and a writer without a reader needs no more
  try {
    await once(socket, 'connect', { signal });
  } catch (cause) {
    socket.destroy();
    throw explain(socketPath, cause, signal);
  }
  socket.write(`${name}\n`);
  return socket;
}

function explain(socketPath: string, cause: unknown, signal: AbortSignal): IgniteError {
  if (!signal.aborted && hasErrno(cause, 'ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'))
    return new IgniteError('supervisor/gone', `No supervisor listens at ${socketPath}`, { cause });
  return new IgniteError('supervisor/silent', `The supervisor at ${socketPath} did not take the connection`, {
    cause,
  });
}
