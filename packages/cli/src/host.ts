// What the command line sees of the process it runs in. Tests hand in one of their own.
import type { Readable, Writable } from 'node:stream';
import { childProcess } from './lazy.ts';

/** A stream to write to; a terminal where `isTTY`. */
export interface OutputStream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** stdin; a terminal where `isTTY`. */
export interface InputStream extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
}

export interface CliHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly uid: number;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Lets the terminal show bytes as they are: raw mode alone still turns LF into CR LF. */
  exactOutput?(): void;
  now(): Date;
  /** Calls `handler` at each such signal until the returned function is called. */
  onSignal(name: NodeJS.Signals, handler: () => void): () => void;
}

const STTY_MS = 2_000;

/** The host of this very process. */
export function processHost(): CliHost {
  return {
    env: process.env,
    cwd: process.cwd(),
    uid: process.getuid?.() ?? 0,
    // Read when asked for: opening stdin costs time, and most commands never read it.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    exactOutput() {
      // libuv's raw mode keeps ONLCR, and Node has no other way to a terminal's flags than stty(1). Leaving raw mode
      // puts them back.
      childProcess().spawnSync('stty', ['-opost'], {
        stdio: ['inherit', 'ignore', 'ignore'],
        timeout: STTY_MS,
      });
    },
    now: () => new Date(),
    onSignal(name, handler) {
      process.on(name, handler);
      return () => process.off(name, handler);
    },
  };
}
