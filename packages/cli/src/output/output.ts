// The only place that writes to stdout and stderr. stdout is data (CLI rule 12), everything for people is stderr. Text for
// people is escaped here, as parts of it come from guests, registries and names of files.
import type { OutputStream } from '../host.ts';
import { escapeLines } from './escape.ts';

export interface Output {
  /** stdout is a terminal: bytes of a guest must be escaped there by who prints them. */
  readonly terminal: boolean;
  /** stderr is a terminal: progress may be redrawn. */
  readonly talksToTerminal: boolean;
  readonly quiet: boolean;
  /** One line of data: exactly as it is, but on a terminal, where control characters are shown and not followed. */
  data(line: string): void;
  /** Bytes of data, exactly; settles when there is room for more. */
  bytes(bytes: Uint8Array): Promise<void>;
  /** Bytes for stderr, exactly: what a guest's command wrote there. */
  errorBytes(bytes: Uint8Array): Promise<void>;
  /** A sentence for people, escaped; dropped with `-q`. */
  note(line: string): void;
  /** A line for people, escaped, that `-q` does not drop: an error, a warning. */
  warn(line: string): void;
  /** Raw control text for the terminal on stderr, for progress. */
  draw(text: string): void;
  readonly columns: number;
  readonly rows: number;
  /** The stage that long work has reached, for the error of an interruption. */
  stage: string | undefined;
  /** Settles when all that was written has left us. */
  flush(): Promise<void>;
  /** Nothing reaches stdout any more: its reader is gone, or its disk full. */
  readonly broken: boolean;
  /** The reader of stderr is gone. */
  readonly errorsBroken: boolean;
  /** Why stdout could not be written, where that is more than a reader who has read enough. */
  readonly failure: Error | undefined;
}

export interface OutputOptions {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly quiet: boolean;
}

/** An Output over two streams. A reader that goes away (EPIPE) ends output silently. */
export function createOutput({ stdout, stderr, quiet }: OutputOptions): Output {
  const terminal = stdout.isTTY === true;
  const [data, errors] = [watchFailures(stdout), watchFailures(stderr)];
  return {
    terminal,
    talksToTerminal: stderr.isTTY === true,
    quiet,
    columns: stderr.columns || 80, // a serial console, or a terminal that nobody sized, says 0
    rows: stderr.rows || 24,
    stage: undefined,
    get broken() {
      return data.failure !== undefined;
    },
    get errorsBroken() {
      return errors.failure !== undefined && !hasReader(errors.failure);
    },
    get failure() {
      return hasReader(data.failure) ? data.failure : undefined;
    },
    data: (line) => void stdout.write(`${terminal ? escapeLines(line) : line}\n`, data.noteWrite),
    bytes: (bytes) => write(stdout, bytes, data.noteWrite),
    errorBytes: (bytes) => write(stderr, bytes, errors.noteWrite),
    note: (line) => {
      if (!quiet) stderr.write(`${escapeLines(line)}\n`);
    },
    warn: (line) => void stderr.write(`${escapeLines(line)}\n`),
    draw: (text) => void stderr.write(text),
    async flush() {
      const nothing = new Uint8Array(0);
      await Promise.all([write(stdout, nothing, data.noteWrite), write(stderr, nothing, errors.noteWrite)]);
    },
  };
}

/** The first failure of a stream, known before a write has settled. */
interface Failures {
  readonly failure: (Error & { readonly code?: string }) | undefined;
  readonly noteWrite: (error?: Error | null) => void;
}

function watchFailures(stream: OutputStream): Failures {
  let failure: Error | undefined;
  const note = (error?: Error | null) => {
    failure ??= error ?? undefined;
  };
  stream.on('error', note);
  return {
    get failure() {
      return failure;
    },
    noteWrite: note,
  };
}

function hasReader(failure: Failures['failure']): boolean {
  return failure !== undefined && failure.code !== 'EPIPE' && failure.code !== 'ECONNRESET';
}

function write(stream: OutputStream, bytes: Uint8Array, note: Failures['noteWrite']): Promise<void> {
  if (stream.destroyed || stream.writableEnded) return Promise.resolve();
  return new Promise((resolve) =>
    stream.write(bytes, (error) => {
      note(error);
      resolve();
    }),
  );
}
