// A server program of a test: it dies with the test, is ended by its own pid, and its log is in the error if it does not start.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface Program extends AsyncDisposable {
  readonly pid: number;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Settles well once the program serves; tried again until then. */
  readonly ready: () => Promise<unknown>;
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 180_000;
const END_MS = 60_000;
const LOG_KEPT = 4096;

/** Starts a program and waits until it serves. */
export async function startProgram(argv: readonly string[], options: ProgramOptions): Promise<Program> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      log = (log + piece).slice(-LOG_KEPT);
    });
  const until = performance.now() + (options.deadlineMs ?? DEADLINE_MS);
  for (;;) {
    const failure = await options.ready().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) break;
    const gone = child.exitCode !== null || child.signalCode !== null;
    if (gone || performance.now() > until) {
      await end(child);
      throw new Error(`${argv[0]} does not come up:\n${log}`, { cause: failure });
    }
    await delay(50);
  }
  return { pid: child.pid ?? 0, [Symbol.asyncDispose]: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(timer);
}
