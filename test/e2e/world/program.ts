// Runs a program to its end and gives what it printed, each stream on its own.
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

export interface ProgramOptions {
  /** Everything that stdin holds; absent: nothing. */
  readonly stdin?: Uint8Array | string | Readable;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with the process as soon as it runs. */
  readonly started?: (pid: number) => void;
  /** Called with all of stdout so far, whenever more of it is there. */
  readonly printed?: (stdout: string) => void;
}

export interface Ended {
  /** As a shell shows it: 128 and the number for a signal. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Buffer;
}

/** Nobody waits for it but for a program that hangs. */
const TIMEOUT_MS = 600_000;
const SIGNALS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs a program. @throws Error when it is not done in time, with what it has printed */
export async function runProgram(argv: readonly string[], options: ProgramOptions = {}): Promise<Ended> {
  const [program = '', ...args] = argv;
  const { stdin, timeoutMs = TIMEOUT_MS } = options;
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('exit', (code, signal) => resolve(code ?? 128 + (SIGNALS[signal ?? ''] ?? 0)));
  if (child.pid !== undefined) options.started?.(child.pid);
  feed(child.stdin, stdin);
  if (options.printed !== undefined) tellPrinted(child.stdout, options.printed);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  try {
    const [code, bytes, errors] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
    const [stdout, stderr] = [bytes.toString(), errors.toString()];
    if (late) throw new Error(`${argv.join(' ')}: not done in ${timeoutMs / 1000} s\n${stdout}\n${stderr}`);
    return { code, stdout, stderr, bytes };
  } finally {
    clearTimeout(timer);
  }
}

function tellPrinted(stdout: Readable, tell: (text: string) => void): void {
  let text = '';
  stdout.on('data', (piece: Buffer) => {
    text += piece.toString();
    tell(text);
  });
}

function feed(target: NodeJS.WritableStream, stdin: ProgramOptions['stdin'] = ''): void {
  target.on('error', () => {}); // it may end without reading
  if (typeof stdin === 'string' || stdin instanceof Uint8Array) target.end(stdin);
  else stdin.pipe(target);
}
