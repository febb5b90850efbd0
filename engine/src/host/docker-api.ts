// A small client of the Docker Engine API (https://docs.docker.com/reference/api/engine/) over its socket: a request, a
// deadline, an answer of JSON.
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { IgniteError } from '@ignite/api';

interface DockerRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON; bytes are sent as a tar. */
  readonly body?: object | Uint8Array;
  readonly signal: AbortSignal;
  /** Until the whole answer is there, in ms; default one minute. */
  readonly timeoutMs?: number;
}

export interface DockerAnswer {
  readonly status: number;
  /** Undefined where the answer is no JSON. */
  readonly body: unknown;
}

/** Sends one request; every status is an answer. */
export type DockerApi = (request: DockerRequest) => Promise<DockerAnswer>;

const DEADLINE_MS = 60_000;
const STILL_THERE: readonly string[] = ['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EACCES'];

/** The caller's own error for a Docker that does not answer. */
type NoDocker = 'network/no-docker' | 'supervisor/no-runtime';

/**
 * The Docker daemon behind a socket of this host.
 * @throws IgniteError (each call) `missing` where nobody answers
 */
export function dockerApi(socketPath: string, missing: NoDocker): DockerApi {
  return async ({ method, path, body, signal, timeoutMs = DEADLINE_MS }) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const binary = body instanceof Uint8Array;
    const headers = {
      host: 'docker',
      ...(body === undefined ? {} : { 'content-type': binary ? 'application/x-tar' : 'application/json' }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<DockerAnswer>();
    const request = httpRequest(
      { socketPath, method, path, headers, agent: false, signal: deadline },
      (answer) => {
        text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, body: parse(said) }), reject);
      },
    );
    request.once('error', reject);
    request.end(body === undefined || binary ? body : JSON.stringify(body));
    return promise.catch((cause: unknown) => {
      throw trouble(cause, socketPath, missing, signal);
    });
  };
}

function trouble(cause: unknown, socketPath: string, missing: NoDocker, signal: AbortSignal): IgniteError {
  if (signal.aborted)
    return new IgniteError('host/cancelled', 'The request to Docker was cancelled', { cause });
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = STILL_THERE.includes(code) ? 'does not answer' : 'broke off, or did not answer in time,';
  return new IgniteError(missing, `Docker ${why} at ${socketPath}`, { cause });
}

/** What Docker says of a failure. */
export function dockerMessage({ status, body }: DockerAnswer): string {
  const said = typeof body === 'object' && body !== null && 'message' in body ? body.message : undefined;
  return typeof said === 'string' ? said.slice(0, 500) : `status ${status}`;
}

/** The last of a stream of JSON objects counts where there are several lines. */
function parse(said: string): unknown {
  try {
    return JSON.parse(said.trim().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

/** A field of an answer; undefined where there is none. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}
