// A small client of the local Docker daemon: one image as a `docker save` stream (Docker Engine API, "Export an image").
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { IgniteError } from '@ignite/api/errors';

const DEFAULT_SOCKET = '/var/run/docker.sock';
/** Docker packs the image before it answers. */
const ANSWER_MS = 600_000;
const LONGEST_ERROR = 64 << 10;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The image as an archive.
 * @throws IgniteError `cli/source-unreachable`, `cli/source-refused`
 */
export async function openDockerImage(env: Env, reference: string, signal: AbortSignal): Promise<Readable> {
  const socket = socketPath(env);
  const answer = await get(socket, `/images/${encodeURIComponent(reference)}/get`, signal);
  if (answer.statusCode === 200) return answer;
  const said = await message(answer);
  throw new IgniteError('cli/source-refused', `Docker does not give ${reference}: ${said}`);
}

/** DOCKER_HOST, if it is a socket of this host. */
function socketPath(env: Env): string {
  const word = env['DOCKER_HOST'] || `unix://${DEFAULT_SOCKET}`;
  if (word.startsWith('unix://')) return word.slice('unix://'.length);
  throw new IgniteError(
    'cli/source-unreachable',
    `DOCKER_HOST is ${word}; docker:// reads sockets of this host only (unix://…)`,
  );
}

async function get(socket: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const http = process.getBuiltinModule('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = http.get(
    { socketPath: socket, path, agent: false, headers: { host: 'docker' }, timeout: ANSWER_MS, signal },
    resolve,
  );
  request.once('timeout', () => request.destroy(new Error('no answer in time')));
  request.on('error', reject);
  try {
    return await promise;
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new IgniteError('cli/source-unreachable', `Docker does not answer at ${socket}`, { cause });
  }
}

async function message(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) {
    text += String(piece);
    if (text.length > LONGEST_ERROR) break;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  } catch {
    // told as it is
  }
  return `${answer.statusCode} ${text.slice(0, 300).trim()}`;
}
