// A client of QEMU's control protocol: JSON objects, answers matched by id (QEMU docs/interop/qmp-spec.rst).
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { IgniteError } from '@ignite/api';
import { fieldOf } from '../../host/index.ts';
import { unlessAborted } from '../../work/index.ts';
import { wordsOf } from '../answer-values.ts';

export interface Qmp extends AsyncDisposable {
  /** Runs one command. Throws `vmm/control-failed` with QEMU's words, `vmm/control-lost` when the pipe ends. */
  execute(command: string, signal: AbortSignal, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Settles when the pipe is closed. */
  readonly closed: Promise<void>;
}

interface Answer {
  readonly event?: unknown;
  readonly id?: unknown;
  readonly return?: unknown;
  readonly error?: unknown;
}

/** A line longer than this is not an answer of QEMU's. */
const MAX_LINE_BYTES = 1 << 20;

/**
 * Takes over a byte pipe to a running QEMU. The greeting may have gone to an earlier client and that client may
 * have died in the middle of a command: 0xFF is no JSON, it makes QEMU's parser start anew, and negotiating
 * twice is an error that we expect.
 * @param onEvent called with the name of each event
 */
export async function connectQmp(
  pipe: Duplex,
  signal: AbortSignal,
  onEvent: (name: string) => void = () => {},
): Promise<Qmp> {
  const waiting = new Map<string, PromiseWithResolvers<unknown>>();
  const lose = (cause?: unknown) => {
    for (const { reject } of waiting.values()) reject(lost(cause));
    waiting.clear();
  };
  const closed = new Promise<void>((resolve) => void pipe.once('close', resolve));
  readLines(pipe, (line) => settle(waiting, line, onEvent));
  pipe.on('error', lose);
  pipe.on('close', () => lose());

  const execute: Qmp['execute'] = async (command, signal, args) => {
    signal.throwIfAborted();
    if (pipe.destroyed) throw lost();
    const id = randomUUID();
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    pipe.write(`${JSON.stringify({ execute: command, id, ...(args ? { arguments: args } : {}) })}\n`);
    try {
      return await unlessAborted(answer.promise, signal);
    } finally {
      waiting.delete(id);
    }
  };

  pipe.write(Buffer.of(0xff, 0x0a));
  await negotiate(execute, signal);
  return { execute, closed, [Symbol.asyncDispose]: async () => void pipe.destroy() };
}

async function negotiate(execute: Qmp['execute'], signal: AbortSignal): Promise<void> {
  try {
    await execute('qmp_capabilities', signal);
  } catch (error) {
    const negotiatedBefore = error instanceof IgniteError && error.details['class'] === 'CommandNotFound';
    if (!negotiatedBefore) throw error;
  }
}

function settle(
  waiting: ReadonlyMap<string, PromiseWithResolvers<unknown>>,
  line: string,
  onEvent: (name: string) => void,
): void {
  const answer = parseAnswer(line);
  if (typeof answer?.event === 'string') return onEvent(answer.event);
  const request = typeof answer?.id === 'string' ? waiting.get(answer.id) : undefined;
  if (answer === undefined || request === undefined) return; // a greeting, or another client's answer
  if (answer.error === undefined) {
    request.resolve(answer.return);
    return;
  }
  request.reject(refused(answer.error));
}

function refused(error: unknown): IgniteError {
  const kind = wordsOf(fieldOf(error, 'class')) ?? 'GenericError';
  const words = wordsOf(fieldOf(error, 'desc')) ?? 'no reason given';
  return new IgniteError('vmm/control-failed', `QEMU refused a command: ${words}`, {
    details: { class: kind },
  });
}

function parseAnswer(line: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function readLines(pipe: Duplex, onLine: (line: string) => void): void {
  let rest = '';
  pipe.setEncoding('utf8');
  pipe.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
    if (rest.length > MAX_LINE_BYTES) pipe.destroy();
  });
}

function lost(cause?: unknown): IgniteError {
  return new IgniteError('vmm/control-lost', 'The control connection to QEMU was lost', { cause });
}
