// A small client of the local Docker daemon: one image as a `docker save` stream (Docker Engine API, "Export an image").
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { IgniteError } from '@ignite/api/errors';
import type { Credentials } from '../credentials/index.ts';

const DEFAULT_SOCKET = '/var/run/docker.sock';
/** Docker packs the image before it answers, or pulls a piece of it. */
const ANSWER_MS = 600_000;
const LONGEST_ERROR = 64 << 10;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The image as an archive.
 * @throws IgniteError `cli/source-unreachable`, `cli/source-refused`
 */
export async function openDockerImage(env: Env, reference: string, signal: AbortSignal): Promise<Readable> {
  const socket = socketPath(env);
  const answer = await ask(socket, 'GET', `/images/${encodeURIComponent(reference)}/get`, signal);
  if (answer.statusCode === 200) return answer;
  const said = await message(answer);
  throw new IgniteError('cli/source-refused', `Docker does not give ${reference}: ${said}`);
}

/**
 * Lets Docker pull the image, with its own mirrors and proxies.
 * @param reference with a tag: without one Docker would pull all there are
 * @param login of its registry, for this pull: Docker's daemon has none of its own (REG-08)
 * @throws IgniteError `cli/source-unreachable`, `cli/source-refused`
 */
export async function pullDockerImage(
  env: Env,
  reference: string,
  signal: AbortSignal,
  login?: Credentials,
): Promise<void> {
  const path = `/images/create?fromImage=${encodeURIComponent(reference)}`;
  const answer = await ask(socketPath(env), 'POST', path, signal, login && authHeader(login));
  const refused = answer.statusCode === 200 ? await lastError(answer) : await message(answer);
  if (refused === undefined) return;
  throw new IgniteError('cli/source-refused', `Docker does not pull ${reference}: ${refused}`);
}

/** Docker Engine API, "Authentication": JSON in base64url, with its padding. */
function authHeader({ registry, username, password, identityToken }: Credentials): Record<string, string> {
  const who = identityToken === undefined ? { username, password } : { identitytoken: identityToken };
  const text = Buffer.from(JSON.stringify({ ...who, serveraddress: registry })).toString('base64');
  return { 'X-Registry-Auth': text.replaceAll('+', '-').replaceAll('/', '_') };
}

/** An error after the pull has begun is the last line of the answer's stream. */
async function lastError(answer: IncomingMessage): Promise<string | undefined> {
  let tail = '';
  for await (const piece of answer.setEncoding('utf8')) tail = (tail + String(piece)).slice(-LONGEST_ERROR);
  return /"error":\s*"((?:[^"\\]|\\.)*)"/.exec(tail)?.[1];
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

async function ask(
  socket: string,
  method: 'GET' | 'POST',
  path: string,
  signal: AbortSignal,
  more: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  const http = process.getBuiltinModule('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { host: 'docker', ...more };
  const request = http.request(
    { socketPath: socket, method, path, agent: false, headers, timeout: ANSWER_MS, signal },
    resolve,
  );
  request.once('timeout', () => request.destroy(new Error('no answer in time')));
  request.on('error', reject);
  request.end();
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
