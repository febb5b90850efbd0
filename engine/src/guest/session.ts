// Opens a session with an agent over a lent byte pipe: preamble, HELLO, then streams and calls until either side ends it.
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import {
  decodeRefusal,
  decodeTlv,
  encodeFrame,
  encodePreamble,
  encodeTlv,
  type Frame,
  IgniteError,
  type TlvFields,
  tlv,
  tlvBig,
  tlvNumber,
  violation,
} from '@ignite/api';
import { FRAME, INTENT, LIMIT, OPEN_KIND, TAG, VERB } from '@ignite/protocol';
import { createBudget } from './budget.ts';
import { createCallTable } from './call-table.ts';
import { type Connection, createReader, endConnection, linkLost, unreachable } from './connection.ts';
import { fileFactsOf } from './file-facts.ts';
import { collectProcesses, guestStatsOf } from './guest-usage.ts';
import { createGuestStream, type OpenedStream } from './guest-stream.ts';
import { PATIENCE, type Patience, whileAlive } from './liveness.ts';
import type { ExecRequest, GuestSession } from './port.ts';
import { refusalError } from './refusals.ts';

const VERSION_WORD = 'ignited';

/**
 * Speaks the guest link over `pipe` (FORMATS, "Guest link"). Bytes of an older session are discarded. The pipe belongs
 * to the session from now on.
 * @param signal bounds the handshake only
 * @param patience with an agent that does not answer later on
 * @throws IgniteError `guest/unreachable`, `guest/link-lost`, `guest/protocol`
 */
export async function openSession(
  pipe: Duplex,
  signal: AbortSignal,
  patience: Patience = PATIENCE,
): Promise<GuestSession> {
  const connection: Connection = {
    pipe,
    streams: new Map(),
    calls: createCallTable(),
    newest: 0,
    error: undefined,
    closed: Promise.withResolvers<void>(),
    patience,
    budget: createBudget(() => connection.newest),
  };
  const hello = Promise.withResolvers<Frame>();
  hello.promise.catch(() => {}); // it may fail before anybody waits
  const fail = (error: Error) => {
    hello.reject(error);
    endConnection(connection, error);
  };
  const onAbort = () => fail(unreachable(signal.reason));
  pipe.setMaxListeners(0); // each stream whose input waits listens for `drain`
  pipe.on('error', (cause) => fail(linkLost(cause)));
  pipe.on('close', () => fail(linkLost()));
  pipe.on('end', () => fail(linkLost()));
  pipe.on('data', createReader(connection, hello, fail, begin(pipe)));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const fields = decodeTlv((await hello.promise).payload);
    return sessionOf(connection, fields.text(TAG.AGENT_VERSION) ?? 'unknown');
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Sends preamble and HELLO; returns the session id. */
function begin(pipe: Duplex): Uint8Array {
  const id = randomBytes(LIMIT.SESSION_ID);
  const hello = encodeTlv([
    tlv(TAG.AGENT_VERSION, VERSION_WORD),
    tlvNumber(TAG.MAX_PAYLOAD, 4, LIMIT.PAYLOAD),
    tlvNumber(TAG.MAX_STREAMS, 4, LIMIT.STREAMS),
    tlvNumber(TAG.WINDOW, 4, LIMIT.WINDOW),
  ]);
  pipe.write(Buffer.concat([encodePreamble(id), encodeFrame(FRAME.HELLO, 0, hello)]));
  return id;
}

function sessionOf(connection: Connection, agentVersion: string): GuestSession {
  return {
    agentVersion,
    exec: async (request) => (await openExec(connection, request)).stream,
    main: async () => (await open(connection, { kind: OPEN_KIND.ATTACH })).stream,
    get: async ({ path, follow }) => (await open(connection, { kind: OPEN_KIND.GET, path, follow })).stream,
    put: async ({ path, keepOwner }) =>
      (await open(connection, { kind: OPEN_KIND.PUT, path, keepOwner })).stream,
    stat: (path, signal) => fileFactsOf(() => open(connection, { kind: OPEN_KIND.STAT, path }, signal)),
    ping: async (signal) => {
      await ping(connection, signal);
    },
    shutdown: async (how, signal) => {
      const intent = how === 'reboot' ? INTENT.REBOOT : INTENT.POWEROFF;
      await call(connection, signal, VERB.SHUTDOWN, [tlvNumber(TAG.HOW, 1, intent)]);
    },
    setTime: async (seconds, signal) => {
      const time = tlvBig(TAG.TIME, BigInt(Math.round(seconds * 1000)) * 1_000_000n);
      await call(connection, signal, VERB.TIME, [time]);
    },
    stats: async (signal) => guestStatsOf(await call(connection, signal, VERB.STATS, [])),
    processes: (signal) =>
      collectProcesses((after) =>
        call(connection, signal, VERB.PROCESSES, after === 0 ? [] : [tlvNumber(TAG.AFTER, 4, after)]),
      ),
    grow: async (drive, signal) => {
      await call(connection, signal, VERB.GROW, [tlvNumber(TAG.DRIVE, 4, drive)]);
    },
    closed: connection.closed.promise,
    async [Symbol.asyncDispose]() {
      endConnection(connection, linkLost());
      await connection.closed.promise;
    },
  };
}

function openExec(connection: Connection, request: ExecRequest): Promise<OpenedStream> {
  const { argv, env, workdir, user, tty, detached } = request;
  return open(connection, {
    kind: OPEN_KIND.EXEC,
    argv,
    env,
    detached,
    ...(workdir === undefined ? {} : { cwd: workdir }),
    ...(user === undefined ? {} : { user }),
    ...(tty === undefined ? {} : { tty }),
  });
}

function open(
  connection: Connection,
  request: Parameters<typeof createGuestStream>[2],
  signal?: AbortSignal,
): Promise<OpenedStream> {
  if (connection.error !== undefined) return Promise.reject(connection.error);
  if (connection.streams.size >= LIMIT.STREAMS)
    return Promise.reject(new IgniteError('guest/busy', `The guest already serves ${LIMIT.STREAMS} streams`));
  const id = connection.newest + 1;
  connection.newest = id;
  const end = createGuestStream(connection.pipe, id, request, () => connection.streams.delete(id));
  connection.streams.set(id, end);
  end.start();
  const onAbort = () => end.reset(unreachable(signal?.reason));
  signal?.addEventListener('abort', onAbort, { once: true });
  const opened = whileAlive(
    end.opened,
    connection.patience,
    (until) => ping(connection, until),
    (cause) => endConnection(connection, unreachable(cause)),
  );
  return opened.finally(() => signal?.removeEventListener('abort', onAbort));
}

function ping(connection: Connection, signal: AbortSignal) {
  return request(connection, signal, (id) => {
    const payload = new Uint8Array(8);
    new DataView(payload.buffer).setBigUint64(0, BigInt(id), true);
    return encodeFrame(FRAME.PING, 0, payload);
  });
}

async function call(
  connection: Connection,
  signal: AbortSignal,
  verb: number,
  records: Parameters<typeof encodeTlv>[0],
): Promise<TlvFields> {
  const fields = await request(connection, signal, (id) => {
    const head = [tlvNumber(TAG.REQUEST, 4, id), tlvNumber(TAG.VERB, 1, verb)];
    return encodeFrame(FRAME.CALL, 0, encodeTlv([...head, ...records]));
  });
  if (fields === undefined) throw violation('A call was answered by a PONG');
  if (fields.text(TAG.ERROR) !== undefined) throw refusalError(decodeRefusal(fields));
  return fields;
}

function request(connection: Connection, signal: AbortSignal, encode: (id: number) => Uint8Array) {
  if (connection.error !== undefined) return Promise.reject(connection.error);
  const waiting = connection.calls.begin(signal, () => unreachable(signal.reason));
  connection.pipe.write(encode(waiting.id));
  return waiting.answer;
}
