// The daemon's side of the worker: starts it for one job, feeds it, reads its answer, and makes sure that it is gone.
import { pipeline } from 'node:stream';
import { IgniteError } from '@ignite/api';
import { type Bounds, type IsolatedChild, type NetworkCut, startIsolated } from '../host/index.ts';
import { cancelled } from '../work/index.ts';
import { beyond, boundsOf } from './bounds.ts';
import { boundOfEnd, fromFailure } from './failure.ts';
import { type FromWorker, type Job, readFromWorker, type ToWorker, type WorkerUser } from './messages.ts';

/** The message that ends a job well. */
export type Answer = Exclude<FromWorker, { type: 'alive' | 'progress' | 'failed' }>;

interface WorkerSettings {
  /** Absolute path of worker/main. */
  readonly module: string;
  /** The identity of the worker; absent where the daemon itself is an ordinary user. */
  readonly user: WorkerUser | undefined;
  /** Private memory of a worker beyond the program itself, bytes; two thirds of it are for the JavaScript heap. */
  readonly memoryBytes: number;
  readonly cut: () => Promise<NetworkCut>;
}

/** A layer the worker may follow. */
export interface Input {
  readonly descriptor: number;
  available(): number;
  onGrowth(listener: () => void): void;
}

export interface Run {
  readonly job: Job;
  /** Descriptors 4… of the worker. */
  readonly descriptors?: readonly number[];
  /** Files that grow while the worker reads them; their descriptors follow the others. */
  readonly inputs?: readonly Input[];
  /** Its standard input. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly onProgress?: (layer: number, bytes: number) => void;
  readonly signal: AbortSignal;
}

const HEAP_SHARE = 2 / 3;
const STDERR_KEPT = 8192;
/** A worker that says nothing for so long hangs in its input; it speaks every five seconds. */
const SILENCE_MS = 120_000;

/**
 * Runs one job to its end.
 * @throws IgniteError what the worker reports; `images/worker-died`; `host/cancelled`
 */
export async function runWorker(settings: WorkerSettings, run: Run): Promise<Answer> {
  const cut = await settings.cut();
  if (run.signal.aborted) throw cancelled(run.signal, 'The import'); // an abort before the listener below is added would not be heard
  const inputs = run.inputs ?? [];
  const child = startIsolated({
    module: settings.module,
    cut,
    heapMiB: Math.max(1, Math.floor((settings.memoryBytes * HEAP_SHARE) / 2 ** 20)),
    descriptors: [...(run.descriptors ?? []), ...inputs.map((input) => input.descriptor)],
  });
  const kill = () => void child.kill('SIGKILL');
  run.signal.addEventListener('abort', kill, { once: true });
  try {
    return await converse(child, settings, run, inputs);
  } finally {
    run.signal.removeEventListener('abort', kill);
    for (const input of inputs) input.onGrowth(() => {});
  }
}

async function converse(
  child: IsolatedChild,
  settings: WorkerSettings,
  run: Run,
  inputs: readonly Input[],
): Promise<Answer> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<Answer>();
  const bounds = boundsOf(run.job, settings.memoryBytes);
  const stderr = tailOf(child);
  let broken: { readonly cause: unknown } | undefined;
  let last: Answer | Extract<FromWorker, { type: 'failed' }> | undefined;
  let silent = false;
  const watch = setTimeout(() => {
    silent = true;
    child.kill('SIGKILL');
  }, SILENCE_MS);
  child.on('message', (raw) => {
    watch.refresh();
    const message = readFromWorker(raw);
    if (message === undefined) return void child.kill('SIGKILL'); // not ours any more
    if (message.type === 'progress') run.onProgress?.(message.layer, message.bytes);
    else if (message.type !== 'alive') last ??= message;
  });
  child.once('error', (cause) => {
    clearTimeout(watch);
    reject(died('could not be started', '', cause));
  });
  child.once('close', (code, signal) => {
    clearTimeout(watch);
    if (run.signal.aborted) reject(cancelled(run.signal, 'The import'));
    else if (broken !== undefined) reject(broken.cause);
    else if (last === undefined)
      reject(silent ? died('hung and was ended', stderr()) : endOf(code, signal, stderr(), bounds));
    else if (last.type === 'failed') reject(failureOf(last, bounds));
    else resolve(last);
  });
  const send = (message: ToWorker) => {
    if (child.connected) child.send(message, () => {}); // its end is heard of by `close`
  };
  const job = settings.user === undefined ? run.job : { ...run.job, user: settings.user };
  send({ type: 'job', job, bounds });
  for (const [layer, input] of inputs.entries())
    follow(input, (bytes) => send({ type: 'grown', layer, bytes }));
  // None if no descriptor was left for its pipes; its `error` event says so.
  if (child.stdin)
    feedStdin(child.stdin, run.stdin, (cause) => {
      broken = { cause };
      child.kill('SIGKILL'); // to it, what came so far may look whole
    });
  return ended;
}

// One message a tick is enough, however small the pieces of a download are.
function follow(input: Input, tell: (bytes: number) => void): void {
  let told = 0;
  let waiting = false;
  const look = () => {
    waiting = false;
    const bytes = input.available();
    if (bytes > told) tell(bytes);
    told = bytes;
  };
  input.onGrowth(() => {
    if (waiting) return;
    waiting = true;
    setImmediate(look);
  });
  look();
}

function feedStdin(
  stdin: NodeJS.WritableStream,
  source: AsyncIterable<Uint8Array> | undefined,
  onBroken: (cause: unknown) => void,
): void {
  if (source === undefined) return void stdin.end();
  const watched = async function* () {
    try {
      yield* source;
    } catch (cause) {
      onBroken(cause);
      throw cause;
    }
  };
  pipeline(watched(), stdin, () => {}); // a worker that reads no further says itself why
}

function tailOf(child: IsolatedChild): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    tail = (tail + piece).slice(-STDERR_KEPT);
  });
  return () => tail.trim();
}

function failureOf(failure: Extract<FromWorker, { type: 'failed' }>, bounds: Bounds): IgniteError {
  const error = fromFailure(failure);
  return failure.bound === undefined ? error : beyond(failure.bound, bounds, error);
}

function endOf(
  code: number | null,
  signal: NodeJS.Signals | null,
  stderr: string,
  bounds: Bounds,
): IgniteError {
  const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  const error = died(how, stderr);
  const bound = boundOfEnd(signal, stderr);
  return bound === undefined ? error : beyond(bound, bounds, error);
}

function died(how: string, stderr: string, cause?: unknown): IgniteError {
  return new IgniteError('images/worker-died', `The import's worker process ${how}`, {
    ...(cause === undefined ? {} : { cause }),
    ...(stderr === '' ? {} : { details: { stderr } }),
  });
}
