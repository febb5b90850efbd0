// The resolver on a network's gateway: names of VMs from us, everything else from the host's resolvers. What guests can
// have open here at once is bounded, and none can take it all: a guest sends with its own address alone (bridge/bridge-table.ts).
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { type Ask, askByTcp, askByUdp } from './forward.ts';
import { parseQuery, type Query, RCODE, writeAnswer } from './message.ts';
import { createShares } from './shares.ts';
import { readMessages, withLength } from './stream.ts';
import { answerFrom, type Zone, type ZoneEntry } from './zone.ts';

interface DnsOptions {
  /** The gateway's address; it must be on an interface. */
  readonly address: string;
  readonly zone: Zone;
  /** NICs of all VMs that run. */
  readonly entries: () => readonly ZoneEntry[];
  /** Whom to ask the rest. */
  readonly resolvers: () => Promise<readonly string[]>;
  /** Absent: 53. */
  readonly port?: number;
}

const PORT = 53;
const MOST_QUESTIONS = 512;
const QUESTIONS_EACH = 64;
const MOST_CONNECTIONS = 64;
const CONNECTIONS_EACH = 8;
/** One name, and what EDNS adds; a longer message is put together from pieces at our cost. */
const LONGEST_QUESTION = 4096;
const IDLE_MS = 10_000;

/** Answers until disposed. @throws Error EADDRINUSE where somebody else has the port */
export async function listenDns(options: DnsOptions): Promise<AsyncDisposable> {
  const ending = new AbortController();
  const questions = createShares(MOST_QUESTIONS, QUESTIONS_EACH);
  const answer = async (message: Buffer, from: string, ask: Ask): Promise<Buffer | undefined> => {
    const query = parseQuery(message);
    if (query === undefined) return undefined;
    const own = answerFrom(query, options.zone, options.entries());
    if (own !== undefined) return own;
    if (!questions.take(from)) return failed(query);
    try {
      return (await ask(message, query, await options.resolvers(), ending.signal)) ?? failed(query);
    } finally {
      questions.give(from);
    }
  };
  const at = { address: options.address, port: options.port ?? PORT };
  await using opened = new AsyncDisposableStack();
  opened.defer(await listenUdp(at, (message, from) => answer(message, from, askByUdp)));
  opened.defer(await listenTcp(at, (message, from) => answer(message, from, askByTcp)));
  opened.defer(async () => ending.abort());
  return opened.move();
}

function failed(query: Query): Buffer {
  return writeAnswer(query, [], { rcode: RCODE.SERVER_FAILURE });
}

/** @param from the guest's address */
type Answerer = (message: Buffer, from: string) => Promise<Buffer | undefined>;

interface Place {
  readonly address: string;
  readonly port: number;
}

async function listenUdp(at: Place, answer: Answerer): Promise<() => Promise<void>> {
  const socket = createSocket('udp4');
  const close = async () => {
    socket.close();
    await once(socket, 'close');
  };
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    void answer(message, from.address)
      .then((bytes) => bytes && socket.send(bytes, from.port, from.address, () => {}))
      .catch(() => {}); // a question without an answer is asked again
  });
  const ready = once(socket, 'listening');
  socket.bind({ ...at, exclusive: true });
  try {
    await ready; // rejects with the socket's error
  } catch (error) {
    socket.close(); // a socket that could not be bound is still one
    throw error;
  }
  socket.on('error', () => {});
  socket.unref(); // a daemon that ends does not wait for questions
  return close;
}

async function listenTcp({ address: host, port }: Place, answer: Answerer): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const connections = createShares(MOST_CONNECTIONS, CONNECTIONS_EACH);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    const from = socket.remoteAddress ?? '';
    if (!connections.take(from)) return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      connections.give(from);
    });
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    void converse(socket, (message) => answer(message, from));
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  server.on('error', () => {});
  server.unref();
  return async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
}

/** One question after the other: a guest that does not read its answers is asked for no more. */
async function converse(
  socket: Socket,
  answer: (message: Buffer) => Promise<Buffer | undefined>,
): Promise<void> {
  try {
    for await (const message of readMessages(socket, LONGEST_QUESTION)) {
      const bytes = await answer(message);
      if (bytes === undefined) return void socket.destroy();
      if (!socket.write(withLength(bytes))) await once(socket, 'drain');
    }
    socket.end();
  } catch {
    socket.destroy();
  }
}
