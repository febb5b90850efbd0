// Passing questions on to the host's resolvers, each by a socket of its own, so that an answer has to guess the port
// as well (RFC 5452). Bytes pass as they are.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { answersQuery, type Query } from './message.ts';
import { readMessages, withLength } from './stream.ts';

const PORT = 53;
/** Then the next server is asked. */
const PATIENCE_MS = 2_000;

/** Asks one server after the other; undefined where none answers. */
export type Ask = (
  message: Buffer,
  query: Query,
  servers: readonly string[],
  signal: AbortSignal,
) => Promise<Buffer | undefined>;

type AskOne = (
  message: Buffer,
  query: Query,
  server: string,
  signal: AbortSignal,
) => Promise<Buffer | undefined>;

export const askByUdp: Ask = inTurn(askOneByUdp);
export const askByTcp: Ask = inTurn(askOneByTcp);

function inTurn(askOne: AskOne): Ask {
  return async (message, query, servers, signal) => {
    for (const server of servers) {
      if (signal.aborted) return undefined;
      const answer = await askOne(message, query, server, signal);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
}

function askOneByUdp(
  message: Buffer,
  query: Query,
  server: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const socket = createSocket('udp4');
  const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  const abort = () => resolve(undefined);
  signal.addEventListener('abort', abort, { once: true });
  socket.on('error', () => resolve(undefined));
  socket.on('message', (answer) => {
    if (answersQuery(answer, query)) resolve(answer);
  });
  socket.connect(PORT, server, () => socket.send(message));
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    socket.close();
  });
}

async function askOneByTcp(
  message: Buffer,
  query: Query,
  server: string,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const socket = connect({ port: PORT, host: server, signal });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy());
  try {
    socket.write(withLength(message));
    for await (const answer of readMessages(socket)) if (answersQuery(answer, query)) return answer;
  } catch {
    // the next one
  } finally {
    socket.destroy();
  }
  return undefined;
}
