// Attaching to the main process of a VM in app mode: its output at the reader's pace, its input and signals over
// the agent, its exit at the end. The output comes from the supervisor, so it is complete even if the agent is not.
import { once } from 'node:events';
import { type Duplex, PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { IgniteError, isIgniteError } from '@ignite/api';
import { createFrameParser, decodeExit, decodeLog, drained, type Frame } from '@ignite/api/frames';
import { FRAME } from '@ignite/protocol';
import type { GuestExit, GuestSession, GuestStream } from '../../guest/port.ts';
import type { ExitRecord, SupervisorHandle } from '../../supervisor/port.ts';

export interface AttachInput {
  readonly handle: SupervisorHandle;
  /** Opens the agent's session; called once the guest is up, and only if there is something to say. */
  readonly session: () => Promise<GuestSession>;
  readonly name: string;
  /** Whether the command has an input; else the end of ours is nothing to it. */
  readonly takesInput: boolean;
  readonly signal: AbortSignal;
  /** Between two tries to reach the agent, in ms. */
  readonly againMs?: number;
}

const AGAIN_MS = 1_000;

/** Attaches. The newest reader of a VM wins: an older one sees its output end. */
export async function attachMain(input: AttachInput): Promise<GuestStream> {
  const pipe = await input.handle.open('app', input.signal);
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const left = new AbortController();
  const main = lazyMain(input);
  const exit = relayOutput(pipe, stdout, stderr)
    .then((done) => done ?? exitOf(input, left.signal))
    .finally(() => {
      pipe.destroy();
      main.stop();
    });
  exit.catch(() => {}); // a caller need not wait for it; one that does gets the error
  const stdin = new PassThrough();
  feed(stdin, main, input.takesInput);
  return {
    stdin,
    stdout,
    stderr,
    exit,
    signal: (number) => void main().then((stream) => stream?.signal(number)),
    resize: (rows, columns) => void main().then((stream) => stream?.resize(rows, columns)),
    reset: () => {
      left.abort();
      pipe.destroy();
      main.reset();
    },
  };
}

/** Copies LOG frames until DONE or the end of the pipe; returns DONE's exit. Both outputs are ended. */
async function relayOutput(
  pipe: Duplex,
  stdout: PassThrough,
  stderr: PassThrough,
): Promise<GuestExit | undefined> {
  const parser = createFrameParser();
  let done: GuestExit | undefined;
  try {
    for await (const piece of pipe) {
      for (const frame of parser.push(piece as Uint8Array)) {
        if (frame.type === FRAME.DONE) done = decodeExit(frame);
        else if (frame.type === FRAME.LOG) await writeLog(frame, stdout, stderr);
      }
      if (done !== undefined) break; // nothing follows DONE
    }
    return done;
  } finally {
    stdout.end();
    stderr.end();
  }
}

async function writeLog(frame: Frame, stdout: PassThrough, stderr: PassThrough): Promise<void> {
  const { stream, bytes } = decodeLog(frame);
  const target = stream === 1 ? stdout : stderr;
  if (target.destroyed || target.write(bytes)) return;
  await drained(target);
}

/** The pipe ended without DONE: the supervisor's exit record says why, or the machine was lost. */
async function exitOf({ handle, name }: AttachInput, left: AbortSignal): Promise<GuestExit> {
  left.throwIfAborted();
  if (!handle.over.aborted) await once(handle.over, 'abort', { signal: left });
  const record: ExitRecord | undefined = await handle.ended;
  if (record?.main !== undefined) return record.main;
  if (record?.killed === true) return { signal: 9, oom: false };
  if (record?.ready === true && record.intent !== undefined) return { code: 0, oom: false }; // it called reboot(2)
  throw new IgniteError('start/guest-ended', `${name} ended without its command's exit code`, {
    stage: 'run',
  });
}

interface LazyMain {
  (): Promise<GuestStream | undefined>;
  /** Does not try to open it any more. */
  stop(): void;
  /** Ends it, or what opens it. */
  reset(): void;
}

/**
 * Opens the agent's side of the main process when it is first needed; undefined if it is gone by then. A guest that
 * boots for long, is paused, or whose agent is busy, is asked again as long as it lives: what was typed waits for it.
 */
function lazyMain(input: AttachInput): LazyMain {
  const over = new AbortController();
  let opening: Promise<GuestStream | undefined> | undefined;
  const stop = () => over.abort();
  input.handle.over.addEventListener('abort', stop, { once: true, signal: over.signal });
  if (input.handle.over.aborted) stop();
  const main = () => {
    opening ??= openMain(input, over.signal);
    return opening;
  };
  const reset = () => {
    stop();
    void opening?.then((stream) => stream?.reset());
  };
  return Object.assign(main, { stop, reset });
}

async function openMain(
  { session, againMs = AGAIN_MS }: AttachInput,
  over: AbortSignal,
): Promise<GuestStream | undefined> {
  while (!over.aborted) {
    try {
      const stream = await (await session()).main();
      stream.stdout.resume();
      stream.stderr.resume();
      stream.exit.catch(() => {});
      return stream;
    } catch (error) {
      if (!isIgniteError(error)) throw error;
      await sleep(againMs, undefined, { signal: over, ref: false }).catch(() => {});
    }
  }
  return undefined;
}

/**
 * Passes input on at the main process's pace; input for a process that is gone is dropped. An end of input without any bytes
 * opens no session: it would come while the command begins, when the guest has other things to do.
 */
function feed(stdin: PassThrough, main: LazyMain, wanted: boolean): void {
  const start = async () => {
    if (!wanted && stdin.readableLength === 0) return void stdin.resume();
    const stream = await main();
    if (stream === undefined) stdin.resume();
    else stdin.pipe(stream.stdin);
  };
  stdin.once('readable', () => void start());
}
