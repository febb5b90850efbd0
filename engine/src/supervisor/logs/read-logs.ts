// The logs of a VM read from its folder, whatever state the VM is in: nothing here needs a supervisor or a daemon.
import type { LogPiece } from '@ignite/api/frames';
import { appPieces } from './app-pieces.ts';
import type { LogName } from './log-files.ts';
import { rawPieces } from './raw-pieces.ts';
import { type Chunk, readChunks } from './read-chunks.ts';
import { select } from './select.ts';

export interface LogQuery {
  /** Lines from the end; absent: all. */
  readonly tail?: number | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Goes on with what is written later, until `ended` is aborted, `until` has come, or the signal is aborted. */
  readonly follow?: boolean | undefined;
  /** Aborted when the VM ends; what it wrote before is still read. Absent: it never does. */
  readonly ended?: AbortSignal | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The output of the app's main process, line by line, with the stream and the time of each. Joined they are the very
 * bytes it wrote, less what rotation has dropped. An aborted signal ends the reading without an error.
 * @param directory the VM's log directory; where there is none nothing is read
 */
export function readAppLog(directory: string, query: LogQuery = {}): AsyncGenerator<LogPiece> {
  return read(directory, 'app', query, appPieces);
}

/** What the serial console showed, as raw bytes of stream 1; times are exact to a second. */
export function readConsoleLog(directory: string, query: LogQuery = {}): AsyncGenerator<LogPiece> {
  return read(directory, 'console', query, (chunks) => rawPieces(chunks, query.tail !== undefined));
}

/** What the VMM itself printed, as raw bytes of stream 1; the time is that of the file's last change. */
export function readVmmLog(directory: string, query: LogQuery = {}): AsyncGenerator<LogPiece> {
  return read(directory, 'vmm', query, (chunks) => rawPieces(chunks, query.tail !== undefined));
}

type Decode = (chunks: AsyncIterable<Chunk | 'caught-up'>) => AsyncIterable<LogPiece | 'caught-up'>;

async function* read(
  directory: string,
  name: LogName,
  query: LogQuery,
  decode: Decode,
): AsyncGenerator<LogPiece> {
  const { follow = false, signal, tail } = query;
  const stop = stopOf(query);
  try {
    const chunks = readChunks(directory, name, { follow, signal, stop: stop.promise });
    const selection = { tail, since: nanoseconds(query.since), until: nanoseconds(query.until) };
    for await (const piece of select(decode(chunks), selection)) {
      if (signal?.aborted) return;
      yield piece;
    }
  } finally {
    stop.release();
  }
}

/** Settles at the VM's end, at `until`, or at the signal. */
function stopOf({ ended, until, signal }: LogQuery): { promise: Promise<void>; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  // A delay above 2^31 ms would fire at once (Node, timers).
  const wait = until === undefined ? Infinity : until.getTime() - Date.now();
  const timer = wait < 2 ** 31 ? setTimeout(end, Math.max(0, wait)) : undefined;
  const signals = [ended, signal].filter((one) => one !== undefined);
  if (signals.some(({ aborted }) => aborted)) end();
  for (const one of signals) one.addEventListener('abort', end, { once: true });
  return {
    promise,
    release: () => {
      clearTimeout(timer);
      for (const one of signals) one.removeEventListener('abort', end);
    },
  };
}

function nanoseconds(date: Date | undefined): bigint | undefined {
  return date === undefined ? undefined : BigInt(date.getTime()) * 1_000_000n;
}
