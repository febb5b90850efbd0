// A connection that is made for frames: the request, OPEN right behind it, the head of the answer. Written by hand over
// a socket, as loading Node's HTTP client takes 11 ms of processor time, more than the `exec` that is asked for.
import { connect, type Socket } from 'node:net';
import { IgniteError } from '@ignite/api/errors';
import { UPGRADE_PROTOCOL } from '@ignite/api/paths';
import { parseHead } from './answer.ts';
import { errorFromAnswer } from './errors.ts';
import { abortError, deadline, noAnswer, type Transport, transportError } from './transport.ts';

export interface UpgradeOptions {
  /** Path with query. */
  readonly path: string;
  /** Milliseconds until the answer; 0 waits for ever. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A connection in the hands of its caller: paused, `head` is what came already. */
export interface Upgraded {
  readonly socket: Socket;
  readonly head: Uint8Array;
}

/** A refusal may carry the last lines of a console. */
const MOST_BYTES = 1 << 20;
const END_OF_HEAD = '\r\n\r\n';

/**
 * Asks for an upgrade (RFC 9110, 7.8) and sends `frames` without waiting for the answer: the daemon may give it before
 * or after it has read them.
 * @throws IgniteError the daemon's own error, or `cli/…` where it did not answer
 */
export async function upgrade(
  transport: Transport,
  options: UpgradeOptions,
  frames: readonly Uint8Array[],
): Promise<Upgraded> {
  const { path, signal } = options;
  if (signal?.aborted) throw abortError(signal);
  const socket = connect(transport.socketPath);
  const { promise, resolve, reject } = Promise.withResolvers<Upgraded>();
  const answer = readAnswer(resolve, reject, socket);
  const fail = (error: Error) => socket.destroy(error);
  const onError = (error: Error) => reject(transportError(transport, signal, error));
  const onClose = () => answer.end(transportError(transport, signal, new Error('it closed the connection')));
  const onAbort = () => fail(abortError(signal ?? AbortSignal.abort()));
  socket.on('data', answer.take).on('error', onError).on('close', onClose);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = deadline(options.timeoutMs, () => fail(noAnswer(path)));
  socket.cork();
  socket.write(requestHead(path));
  for (const frame of frames) socket.write(frame);
  socket.uncork();
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    socket.off('data', answer.take).off('close', onClose);
  }
}

function requestHead(path: string): string {
  const lines = ['Host: ignite', 'Connection: Upgrade', `Upgrade: ${UPGRADE_PROTOCOL}`, 'Content-Length: 0'];
  return `POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}${END_OF_HEAD}`;
}

interface Answer {
  take(bytes: Buffer): void;
  /** The connection is closed: what there is must do. */
  end(error: Error): void;
}

/** Collects an answer: of a granted upgrade the head, of a refusal the body, too. */
function readAnswer(
  granted: (upgraded: Upgraded) => void,
  refused: (error: Error) => void,
  socket: Socket,
): Answer {
  let bytes = Buffer.alloc(0);
  const look = (closed?: Error) => {
    const end = bytes.indexOf(END_OF_HEAD);
    if (end < 0 && closed !== undefined) return refused(closed);
    if (end < 0) return;
    const { status, length = Number.POSITIVE_INFINITY } = parseHead(bytes.toString('latin1', 0, end));
    const rest = bytes.subarray(end + END_OF_HEAD.length);
    if (status === 101) {
      socket.pause();
      return granted({ socket, head: rest });
    }
    if (closed !== undefined || rest.length >= length)
      refused(errorFromAnswer(status, rest.toString('utf8')));
  };
  return {
    take: (piece) => {
      bytes = Buffer.concat([bytes, piece]);
      if (bytes.length <= MOST_BYTES) return look();
      refused(new IgniteError('cli/strange-answer', 'The daemon answered an upgrade with more than 1 MiB'));
    },
    end: look,
  };
}
