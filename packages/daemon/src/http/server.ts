// The HTTP server on the daemon's socket: one dispatcher over the API's table of operations.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { IgniteError, isIgniteError, paths, type Report, UPGRADE_PROTOCOL } from '@ignite/api';
import { timerMs } from '@ignite/api/durations';
import type { Engine } from '@ignite/engine';
import { accounted, type Accounts, type Close, createAccounts } from './account.ts';
import { type Handled, writeAnswer, writeError } from './answer.ts';
import { createEncoder, type Encode } from './encode.ts';
import { endConnection } from './end-connection.ts';
import { asIgniteError, errorBodyOf } from './errors.ts';
import type { Handlers } from './handler.ts';
import { readJsonBody, readQuery, readUrl } from './request.ts';
import { type Match, matchRoute } from './router.ts';
import { type OpenStream, serveStream } from './stream.ts';

export interface ServerInput {
  readonly engine: Engine;
  readonly handlers: Handlers;
  /** Failures that are bugs of ours, for the log. */
  readonly complain: (text: string, error: unknown) => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
  /** Told of each request, which settles when nothing is done for it any more: maybe long after its client went away. */
  readonly atWork?: (request: Promise<void>) => void;
}

type AnyHandler = (call: object) => Promise<unknown> | AsyncIterable<unknown>;

const DEFAULT_STREAM_SECONDS = 30;
const QUIET: Report = () => {};

/** The server; the caller listens and closes. */
export function createApiServer(input: ServerInput): Server {
  // An exec session or `events --follow` may be silent for days, an upload may take hours; a head of a request is there at once.
  const server = createServer({ requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 5_000 });
  const accounts = createAccounts(input.engine);
  const ways = { accounts, encode: createEncoder() };
  const { atWork = () => {} } = input;
  server.on('request', (request, response) => atWork(serve(input, ways, request, response)));
  server.on('upgrade', (request, socket, head) => void upgrade(input, accounts, request, socket, head));
  return server;
}

async function serve(
  input: ServerInput,
  { accounts, encode }: { readonly accounts: Accounts; readonly encode: Encode },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new IgniteError('host/cancelled', 'The client went away')));
  const signal = AbortSignal.any([gone.signal, input.signal]);
  // What a connection says that broke off is no failure of ours.
  const told = (error: unknown) =>
    gone.signal.aborted && !isIgniteError(error) ? gone.signal.reason : error;
  let close: Close = async () => {};
  try {
    const url = readUrl(request);
    const match = requireRoute(request, url);
    const account = accounts.open(match, request.socket);
    close = (error) => account(error === undefined ? undefined : told(error));
    const handled = await dispatch(input.handlers, match, request, url, signal);
    await writeAnswer(response, match.id, await accounted(handled, close), encode);
  } catch (thrown) {
    const error = told(thrown);
    await close(error);
    if (asIgniteError(error).entry.blame === 'bug') input.complain(`${request.method} ${request.url}`, error);
    if (!response.destroyed) writeError(response, error);
  }
}

function requireRoute(request: IncomingMessage, url: URL): Match {
  const match = matchRoute(request.method ?? 'GET', url.pathname);
  if (match !== undefined) return match;
  throw new IgniteError(
    'daemon/no-such-operation',
    `There is no operation ${request.method} ${url.pathname}`,
  );
}

async function dispatch(
  handlers: Handlers,
  { id, ref }: Match,
  request: IncomingMessage,
  url: URL,
  signal: AbortSignal,
): Promise<Handled> {
  if (id === 'stream')
    throw new IgniteError(
      'daemon/bad-request',
      `This operation needs the header Upgrade: ${UPGRADE_PROTOCOL}`,
    );
  const query = readQuery(url, id);
  const body = paths[id].request === 'json' ? await readJsonBody(request, id) : undefined;
  // The table ties query, body and result of one id together; through the union of ids TypeScript cannot follow.
  const handler = handlers[id] as AnyHandler;
  const call = { ref, query, body, bytes: request, signal };
  switch (paths[id].answer) {
    case 'json':
      return { kind: 'json', value: await handler({ ...call, report: QUIET }) };
    case 'operation':
      return { kind: 'operation', run: async (report) => handler({ ...call, report }) };
    case 'bytes':
      return {
        kind: 'bytes',
        bytes: (await handler({ ...call, report: QUIET })) as AsyncIterable<Uint8Array>,
      };
    case 'events':
      return {
        kind: 'events',
        events: whole(handler({ ...call, report: QUIET }) as AsyncIterable<unknown>, signal),
      };
    default:
      return {
        kind: 'frames',
        frames: whole(handler({ ...call, report: QUIET }) as AsyncIterable<Uint8Array>, signal),
      };
  }
}

/** What is followed ends quietly at an abort; who follows it must see that it is not the end. @throws what aborted it */
async function* whole<T>(values: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  yield* values;
  signal.throwIfAborted();
}

async function upgrade(
  { engine, signal, complain }: ServerInput,
  accounts: Accounts,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  let close: Close = async () => {};
  try {
    const url = readUrl(request);
    const match = requireRoute(request, url);
    const { id, ref } = match;
    close = accounts.open(match, socket);
    if (id !== 'stream' || request.headers.upgrade?.toLowerCase() !== UPGRADE_PROTOCOL)
      throw new IgniteError('daemon/bad-request', 'This operation cannot be upgraded');
    const query = readQuery(url, id) as { readonly timeoutSeconds?: number };
    engine.vms.inspect(ref); // an unknown VM is an ordinary answer
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${UPGRADE_PROTOCOL}\r\n\r\n`,
    );
    if (head.length > 0) socket.unshift(head);
    const seconds = query.timeoutSeconds ?? DEFAULT_STREAM_SECONDS;
    const open: OpenStream = (request) =>
      engine.vms.stream(
        ref,
        request,
        AbortSignal.any([signal, AbortSignal.timeout(timerMs(seconds * 1000))]),
      );
    await serveStream(socket, open, complain, signal);
    await close();
  } catch (thrown) {
    const error = asIgniteError(thrown);
    await close(error);
    if (error.entry.blame === 'bug') complain(`${request.method} ${request.url}`, thrown);
    refuseUpgrade(socket, error);
  }
}

function refuseUpgrade(socket: Duplex, error: IgniteError): void {
  const body = JSON.stringify({ error: errorBodyOf(error) });
  socket.write(
    `HTTP/1.1 ${error.entry.status} Refused\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  endConnection(socket);
}
