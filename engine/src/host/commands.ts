// Runs the short-lived programs of the host (ip, nft, qemu-img, apt-get): argument arrays, a deadline, an
// AbortSignal, bounded output. Nothing here goes through a shell.
import { IgniteError } from '@ignite/api';
import { timerMs } from '@ignite/api/durations';
import { startChild } from './child-program.ts';
import { HOST_PATH } from './host-path.ts';
import type { NotStarted, Program } from './program.ts';
import type { Runner } from './runner/runner.ts';

export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds until the program is ended; default 30 s. */
  readonly timeoutMs?: number;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** Path of the network namespace that it runs in; where there is none it fails as nsenter(1) does. Absent: ours. */
  readonly netns?: string;
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

/** Commands of this host. @param runner starts them where it can; absent: they are children of this process */
export function hostCommands(runner?: Pick<Runner, 'start'>): Commands {
  return { run: (argv, options = {}) => runCommand(argv, options, runner) };
}

type Argv = readonly [string, ...string[]];

async function runCommand(
  argv: Argv,
  options: RunOptions,
  runner: Pick<Runner, 'start'> | undefined,
): Promise<RunResult> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (signal?.aborted) throw cancelled(argv, signal);
  const program = start(argv, options, runner);
  let why: 'deadline' | 'cancelled' | undefined;
  let killing: NodeJS.Timeout | undefined;
  const stop = (because: 'deadline' | 'cancelled') => {
    if (why !== undefined) return;
    why = because;
    program.kill('SIGTERM');
    killing = setTimeout(() => program.kill('SIGKILL'), KILL_AFTER_MS).unref();
  };
  const timer = setTimeout(() => stop('deadline'), timerMs(timeoutMs));
  const onAbort = () => stop('cancelled');
  signal?.addEventListener('abort', onAbort, { once: true });
  const end = await program.end;
  clearTimeout(timer);
  clearTimeout(killing);
  signal?.removeEventListener('abort', onAbort);
  // What it leaves behind ends now: some time after its end its number may be another group's.
  if (why !== undefined && options.withChildren === true) program.kill('SIGKILL');

  if (end.kind === 'not-started') throw notStarted(argv, end.cause);
  if (why === 'deadline') throw deadline(argv, timeoutMs);
  if (why === 'cancelled') throw cancelled(argv, signal);
  if (end.kind === 'lost') throw lost(argv, end.why);
  const { code, stdout, stderr } = end;
  if (code === null || !(options.okCodes ?? [0]).includes(code))
    throw failed(argv, code, end.signal, stderr.toString('utf8'));
  return { code, stdout: stdout.toString(options.encoding ?? 'utf8'), stderr: stderr.toString('utf8') };
}

function start(argv: Argv, options: RunOptions, runner: Pick<Runner, 'start'> | undefined): Program {
  const { cwd, input, netns, withChildren = false, onStderr } = options;
  const maxOutputBytes = options.maxOutputBytes ?? DEFAULT_OUTPUT_BYTES;
  const env = options.env ?? { PATH: HOST_PATH, LC_ALL: 'C' };
  const short = !withChildren && onStderr === undefined;
  const program = short ? runner?.start({ argv, env, cwd, netns, input }, maxOutputBytes) : undefined;
  if (program !== undefined) return program;
  // The runner enters a namespace by itself, which is one program less.
  const words: Argv = netns === undefined ? argv : ['nsenter', `--net=${netns}`, ...argv];
  return startChild(words, { env, cwd, input, maxOutputBytes, withChildren, onStderr });
}

function notStarted(argv: Argv, cause: NotStarted['cause']): IgniteError {
  const code = cause.code === 'ENOENT' ? 'host/program-missing' : 'host/command-failed';
  const what = cause.code === 'ENOENT' ? 'is not installed' : 'could not be started';
  return new IgniteError(code, `The program ${cause.path ?? argv[0]} ${what}`, { cause, details: { argv } });
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

/** The program may have done its work: the caller has to observe the host. Nothing is run a second time. */
function lost(argv: readonly string[], why: string): IgniteError {
  return new IgniteError('host/command-failed', `How ${argv[0]} ended is not known: ${why}`, {
    details: { argv, exitCode: -1, stderr: '' },
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
