// Runs the short-lived programs of the host (ip, nft, qemu-img, apt-get): argument arrays, a deadline, an
// AbortSignal, bounded output. Nothing here goes through a shell.
import { type ChildProcess, spawn } from 'node:child_process';
import { IgniteError } from '@ignite/api';

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds until the program is ended; default 30 s. */
  readonly timeoutMs?: number;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** The whole environment; default a fixed PATH and LC_ALL=C. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes of each output stream that are kept; default 1 MiB, the rest is dropped. */
  readonly maxOutputBytes?: number;
  /** `latin1`: one character for each byte of stdout, for what is not text; default UTF-8. */
  readonly encoding?: 'utf8' | 'latin1';
  /** Exit codes taken as success; default only 0. */
  readonly okCodes?: readonly number[];
  /** At the deadline and when cancelled, everything that the program started ends with it, too. */
  readonly withChildren?: boolean;
  /** Called for each piece of stderr as it arrives, for programs that talk for minutes. */
  readonly onStderr?: (text: string) => void;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The port through which every room runs host programs. */
export interface Commands {
  /**
   * Runs `argv` to its end.
   * @throws IgniteError `host/program-missing`, `host/command-failed` (details: argv, exit code, stderr),
   *   `host/deadline`, `host/cancelled`
   */
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<RunResult>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_OUTPUT_BYTES = 1 << 20;
const KILL_AFTER_MS = 2_000;

/** A fixed search path: what a caller's shell has must not change what the daemon runs. */
export const HOST_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Commands of this host. */
export function hostCommands(): Commands {
  return { run: runCommand };
}

function runCommand(argv: readonly [string, ...string[]], options: RunOptions = {}): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const limit = options.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (options.signal?.aborted) return Promise.reject(cancelled(argv, options.signal));

  const child = spawn(argv[0], argv.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: options.withChildren === true, // a process group of its own
    env: options.env ?? { PATH: HOST_PATH, LC_ALL: 'C' },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const stdout = collect(child.stdout, limit, undefined, options.encoding);
  const stderr = collect(child.stderr, limit, options.onStderr);

  let ended: 'deadline' | 'cancelled' | undefined;
  const end = (why: 'deadline' | 'cancelled') => {
    if (ended !== undefined) return;
    ended = why;
    kill(child, 'SIGTERM', options);
    setTimeout(() => {
      kill(child, 'SIGKILL', options);
      // What left the group may still hold the other ends.
      if (options.withChildren === true) for (const stream of [child.stdout, child.stderr]) stream.destroy();
    }, KILL_AFTER_MS).unref();
  };
  const timer = setTimeout(() => end('deadline'), timeoutMs);
  const onAbort = () => end('cancelled');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const release = () => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  };

  child.once('error', (cause) => {
    release();
    reject(notStarted(argv, cause));
  });
  child.once('close', (code, signal) => {
    release();
    if (ended === 'deadline') reject(deadline(argv, timeoutMs));
    else if (ended === 'cancelled') reject(cancelled(argv, options.signal));
    else if (code !== null && (options.okCodes ?? [0]).includes(code))
      resolve({ code, stdout: stdout(), stderr: stderr() });
    else reject(failed(argv, code, signal, stderr()));
  });
  child.stdin.on('error', () => {}); // the program may end before it reads all; its exit code tells
  child.stdin.end(options.input);
  return promise;
}

function kill(child: ChildProcess, signal: NodeJS.Signals, { withChildren = false }: RunOptions): void {
  if (!withChildren || child.pid === undefined) {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // all of them have ended
  }
}

function collect(
  stream: NodeJS.ReadableStream,
  limit: number,
  tell?: (text: string) => void,
  encoding: 'utf8' | 'latin1' = 'utf8',
): () => string {
  const pieces: Buffer[] = [];
  let kept = 0;
  stream.on('data', (piece: Buffer) => {
    tell?.(piece.toString('utf8'));
    if (kept >= limit) return;
    const part = piece.subarray(0, limit - kept);
    pieces.push(part);
    kept += part.length;
  });
  return () => Buffer.concat(pieces).toString(encoding);
}

function notStarted(argv: readonly [string, ...string[]], cause: Error & { code?: string }): IgniteError {
  const code = cause.code === 'ENOENT' ? 'host/program-missing' : 'host/command-failed';
  const what = cause.code === 'ENOENT' ? 'is not installed' : 'could not be started';
  return new IgniteError(code, `The program ${argv[0]} ${what}`, { cause, details: { argv } });
}

function failed(
  argv: readonly string[],
  code: number | null,
  signal: NodeJS.Signals | null,
  stderr: string,
): IgniteError {
  const how = code === null ? `was ended by ${signal}` : `failed with exit code ${code}`;
  const said = stderr.trim().slice(-2000);
  return new IgniteError('host/command-failed', `${argv[0]} ${how}${said === '' ? '' : `: ${said}`}`, {
    details: { argv, exitCode: code ?? -1, stderr: said },
  });
}

function deadline(argv: readonly string[], timeoutMs: number): IgniteError {
  return new IgniteError('host/deadline', `${argv[0]} did not finish within ${timeoutMs / 1000} s`, {
    details: { argv, timeoutMs },
  });
}

function cancelled(argv: readonly string[], signal: AbortSignal | undefined): IgniteError {
  return new IgniteError('host/cancelled', `${argv[0]} was cancelled`, { cause: signal?.reason });
}
