// One HTTP request over the daemon's unix socket, with a deadline and a signal.
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import { timerMs } from '@ignite/api/durations';
import { IgniteError } from '@ignite/api/errors';
import { type Answer, readAnswer } from './answer.ts';
import { errorFromAnswer } from './errors.ts';

/** Where the daemon listens, and how long to wait for it. */
export interface Transport {
  readonly socketPath: string;
  /** Milliseconds until the head of an answer has come; 0 waits for ever. */
  readonly timeoutMs: number;
}

export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path with query. */
  readonly path: string;
  readonly json?: unknown;
  /** A body of bytes, sent as the daemon takes it. */
  readonly stream?: Readable;
  /** Instead of the transport's. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The answer's head; the body is still to be read, and what cuts it short is an IgniteError, too.
 * @throws IgniteError the daemon's own error, or `cli/…` where none answered
 */
export async function sendRequest(transport: Transport, request: Request): Promise<Answer> {
  const { stream } = request;
  const asked = await (stream === undefined ? ask(transport, request) : upload(transport, request, stream));
  const answer = { ...asked, [Symbol.asyncIterator]: () => bodyOf(asked, transport, request.signal) };
  if (answer.status < 300) return answer;
  try {
    throw errorFromAnswer(answer.status, await readText(answer));
  } finally {
    answer.destroy();
  }
}

async function* bodyOf(
  answer: Answer,
  transport: Transport,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* answer;
  } catch (error) {
    throw error instanceof Error ? transportError(transport, signal, error) : error;
  }
}

async function ask(transport: Transport, request: Request): Promise<Answer> {
  const { signal } = request;
  if (signal?.aborted) throw abortError(signal);
  const socket = connect(transport.socketPath);
  const onAbort = () => socket.destroy(abortError(signal ?? AbortSignal.abort()));
  signal?.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => signal?.removeEventListener('abort', onAbort));
  socket.on('error', () => {}); // a reader gets it; without a reader it does not matter
  const timer = deadline(request.timeoutMs ?? transport.timeoutMs, () =>
    socket.destroy(noAnswer(request.path)),
  );
  try {
    socket.write(textOf(request));
    return await readAnswer(socket);
  } catch (error) {
    socket.destroy();
    throw error instanceof Error ? transportError(transport, signal, error) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** RFC 9112, section 3. */
function textOf({ method, path, json }: Request): string {
  const body = json === undefined ? '' : JSON.stringify(json);
  const fields = {
    Host: 'ignite',
    Connection: 'close',
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(method === 'POST' ? { 'Content-Length': Buffer.byteLength(body) } : {}),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** Sends a stream as body, by `node:http`: with so many bytes the time to load it does not matter. */
async function upload(transport: Transport, request: Request, body: Readable): Promise<Answer> {
  const http = await import('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = http.request({
    socketPath: transport.socketPath,
    method: request.method,
    path: request.path,
    agent: false,
    headers: { host: 'ignite', 'content-type': 'application/octet-stream' },
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const timer = deadline(request.timeoutMs ?? transport.timeoutMs, () =>
    sent.destroy(noAnswer(request.path)),
  );
  sent.once('response', resolve);
  sent.on('error', (error) => reject(transportError(transport, request.signal, error)));
  body.once('error', (error) => sent.destroy(unreadable(error))); // ends the request with its own error
  sent.once('close', () => body.destroy());
  body.pipe(sent);
  try {
    const answer = await promise;
    return {
      status: answer.statusCode ?? 0,
      [Symbol.asyncIterator]: () => answer[Symbol.asyncIterator](),
      destroy: () => void answer.destroy(),
    };
  } finally {
    clearTimeout(timer);
  }
}

/** Not the socket's: its codes mean something else there. */
function unreadable(cause: Error): IgniteError {
  return cause instanceof IgniteError
    ? cause
    : new IgniteError('cli/file-unreadable', 'What is to be sent cannot be read', { cause });
}

/** Calls `late` after `ms`; 0 never does. */
export function deadline(ms: number, late: () => void): NodeJS.Timeout | undefined {
  return ms === 0 ? undefined : setTimeout(late, timerMs(ms));
}

/** The error for an answer that did not come in time. */
export function noAnswer(path: string): IgniteError {
  return new IgniteError('cli/no-answer', 'The daemon did not answer in time', { details: { path } });
}

/** The whole body as text; a connection lost meanwhile is an error. */
export async function readText(answer: Answer): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of answer) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** Node's errors in our words. */
export function transportError(
  transport: Transport,
  signal: AbortSignal | undefined,
  error: Error & { code?: string },
): IgniteError {
  if (error instanceof IgniteError) return error;
  if (signal?.aborted) return abortError(signal);
  const details = { socket: transport.socketPath };
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return new IgniteError(
      'cli/daemon-refused',
      `You may not use the daemon's socket ${transport.socketPath}`,
      {
        details,
      },
    );
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return new IgniteError('cli/daemon-unreachable', `No daemon answers at ${transport.socketPath}`, {
      details,
    });
  return new IgniteError('cli/connection-lost', 'The connection to the daemon ended early', {
    cause: error,
    details,
  });
}

/** The signal's own reason where that is ours, else `cli/interrupted`. */
export function abortError(signal: AbortSignal): IgniteError {
  return signal.reason instanceof IgniteError
    ? signal.reason
    : new IgniteError('cli/interrupted', 'The request was cancelled', { cause: signal.reason });
}
