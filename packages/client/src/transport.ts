// One HTTP request over the daemon's unix socket, with a deadline and a signal.
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Readable } from 'node:stream';
import { IgniteError } from '@ignite/api/errors';
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
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of the transport's. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The request as Node makes it, its errors still Node's. */
export function startRequest(transport: Transport, request: Request): ClientRequest {
  // `import … from 'node:http'` costs 20 ms at start, this 1 ms (nodejs/node issues 57649, 59686).
  const http = process.getBuiltinModule('node:http');
  const body = request.json === undefined ? undefined : JSON.stringify(request.json);
  const options: RequestOptions & { readonly servername: string } = {
    socketPath: transport.socketPath,
    method: request.method,
    path: request.path,
    agent: false,
    servername: '', // else the agent finds out whether our host is an IPv6 address, by an expression slow to compile
    headers: {
      host: 'ignite',
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...(request.stream === undefined ? {} : { 'content-type': 'application/octet-stream' }),
      ...request.headers,
    },
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
  const sent = http.request(options);
  if (request.stream !== undefined) pipeBody(request.stream, sent);
  else sent.end(body);
  return sent;
}

/** Sends a stream as body; a stream that fails ends the request with its own error. */
function pipeBody(stream: Readable, sent: ClientRequest): void {
  stream.once('error', (error) => sent.destroy(error));
  sent.once('close', () => stream.destroy());
  stream.pipe(sent);
}

/**
 * The answer's head; the body is still to be read.
 * @throws IgniteError the daemon's own error, or `cli/…` where none answered
 */
export async function sendRequest(transport: Transport, request: Request): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = startRequest(transport, request);
  const timer = deadline(request.timeoutMs ?? transport.timeoutMs, () =>
    sent.destroy(noAnswer(request.path)),
  );
  sent.once('response', resolve);
  sent.on('error', (error) => reject(transportError(transport, request.signal, error)));
  try {
    const answer = await promise;
    if ((answer.statusCode ?? 0) < 300) return answer;
    throw errorFromAnswer(answer.statusCode ?? 0, await readText(answer));
  } finally {
    clearTimeout(timer);
  }
}

/** Calls `late` after `ms`; 0 never does. */
export function deadline(ms: number, late: () => void): NodeJS.Timeout | undefined {
  return ms === 0 ? undefined : setTimeout(late, ms);
}

/** The error for an answer that did not come in time. */
export function noAnswer(path: string): IgniteError {
  return new IgniteError('cli/no-answer', 'The daemon did not answer in time', { details: { path } });
}

/** The whole body as text; a connection lost meanwhile is an error. */
export async function readText(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
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
