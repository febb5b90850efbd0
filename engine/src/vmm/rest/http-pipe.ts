// A small HTTP/1.1 client over one byte pipe to a VMM's API socket: requests one after the other, bodies of known
// length, answers of a bounded size (RFC 9112; Firecracker's server knows no chunked bodies).
import type { Duplex } from 'node:stream';
import { IgniteError } from '@ignite/api';
import { createQueue } from '../../host/index.ts';
import { unlessAborted } from '../../work/index.ts';

interface RestAnswer {
  readonly status: number;
  /** Parsed JSON; undefined where there is no body. */
  readonly body: unknown;
}

export interface RestPipe extends AsyncDisposable {
  /**
   * One request and its answer, whatever its status. Whoever gives up goes alone: what was sent is waited for all the
   * same, as the next answer would be taken for it.
   * @throws IgniteError `vmm/control-lost` when the pipe ends or the answer is none, `vmm/request-too-large`; the signal's reason
   */
  send(method: string, path: string, body: object | undefined, signal: AbortSignal): Promise<RestAnswer>;
  /** Settles when the connection is over. */
  readonly closed: Promise<void>;
}

/** Firecracker takes 51200 bytes of a request's body unless told otherwise (docs/api_requests). */
const MAX_REQUEST_BYTES = 51_200;
const MAX_ANSWER_BYTES = 4 << 20;
/** Calls are answered in milliseconds, unless the host stands still. */
const ANSWER_MS = 60_000;
const HEAD_END = '\r\n\r\n';

/** @param name of the VMM, for messages */
export function restPipe(name: string, pipe: Duplex): RestPipe {
  const queue = createQueue();
  const answers = answerReader(name, pipe);
  const closed = Promise.withResolvers<void>();
  pipe.on('error', (error) => answers.lose(error));
  pipe.on('close', () => {
    answers.lose();
    closed.resolve();
  });
  return {
    closed: closed.promise,
    send: (method, path, body, signal) => {
      const answered = queue(async () => {
        signal.throwIfAborted();
        if (pipe.destroyed) throw lost(name);
        const bytes = requestBytes(name, method, path, body);
        const answer = answers.next();
        pipe.write(bytes);
        return await inTime(answer, pipe);
      });
      return unlessAborted(answered, signal);
    },
    [Symbol.asyncDispose]: async () => void pipe.destroy(),
  };
}

function requestBytes(name: string, method: string, path: string, body: object | undefined): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  const length = Buffer.byteLength(text);
  if (length > MAX_REQUEST_BYTES)
    throw new IgniteError(
      'vmm/request-too-large',
      `A request of ${length} bytes is more than ${name} takes (${MAX_REQUEST_BYTES})`,
    );
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Accept: application/json'];
  if (body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${length}`);
  return `${lines.join('\r\n')}${HEAD_END}${text}`;
}

/** A VMM that has said nothing for so long is lost to all that wait for it. */
async function inTime<T>(answer: Promise<T>, pipe: Duplex): Promise<T> {
  const timer = setTimeout(() => pipe.destroy(), ANSWER_MS).unref();
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}

function answerReader(name: string, pipe: Duplex) {
  let waiting: PromiseWithResolvers<RestAnswer> | undefined;
  let bytes = Buffer.alloc(0);
  const lose = (cause?: unknown) => {
    waiting?.reject(lost(name, cause));
    waiting = undefined;
  };
  pipe.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    try {
      for (let taken = takeAnswer(bytes); taken !== undefined; taken = takeAnswer(bytes)) {
        bytes = bytes.subarray(taken.length);
        waiting?.resolve(taken.answer); // what nobody has asked for is dropped
        waiting = undefined;
      }
      if (bytes.length > MAX_ANSWER_BYTES) throw new Error('the answer is too large');
    } catch (error) {
      lose(error);
      pipe.destroy();
    }
  });
  return {
    lose,
    next: () => {
      waiting = Promise.withResolvers<RestAnswer>();
      return waiting.promise;
    },
  };
}

/** The first whole answer; undefined while more is to come. @throws Error for what is no HTTP or no JSON */
function takeAnswer(bytes: Buffer): { answer: RestAnswer; length: number } | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  if (!Number.isInteger(status)) throw new Error('what came is no HTTP answer');
  const length = Number(/^content-length:\s*(\d+)\s*$/im.exec(head)?.[1] ?? 0);
  const begin = end + HEAD_END.length;
  if (bytes.length < begin + length) return undefined;
  const text = bytes.toString('utf8', begin, begin + length);
  const body: unknown = text.trim() === '' ? undefined : JSON.parse(text);
  return { answer: { status, body }, length: begin + length };
}

function lost(name: string, cause?: unknown): IgniteError {
  return new IgniteError('vmm/control-lost', `The control connection to ${name} was lost`, { cause });
}
