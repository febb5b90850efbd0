// Runs the command line in this process with everything it writes caught.
import { PassThrough, Readable, Writable } from 'node:stream';
import { type Client, createClient } from '@ignite/client';
import { type CliHost, type InputStream, type OutputStream, runCli } from '../../packages/cli/src/index.ts';
import type { FakeDaemon } from './fake-daemon.ts';

export interface Caught {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly daemon?: FakeDaemon;
  /** A daemon of another kind. */
  readonly connect?: () => Promise<Client | undefined>;
  readonly stdin?: string | Uint8Array | Readable;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly terminal?: boolean;
  readonly now?: Date;
  readonly stdout?: Writable;
  /** Gets a function that sends a signal to the CLI. */
  readonly signals?: (send: (name: NodeJS.Signals) => void) => void;
}

/** One command line; a word with blanks is one word. */
export async function ignite(argv: readonly string[], options: RunOptions = {}): Promise<Caught> {
  const [stdout, out] = sink(options.terminal === true);
  const [stderr, err] = sink(options.terminal === true);
  const handlers = new Map<string, Set<() => void>>();
  const input: InputStream =
    options.stdin instanceof Readable
      ? options.stdin
      : Readable.from(options.stdin === undefined ? [] : [Buffer.from(options.stdin)]);
  const host: CliHost = {
    env: { HOME: '/nonexistent', ...options.env },
    cwd: options.cwd ?? '/',
    uid: options.uid ?? 0,
    stdin: options.terminal === true ? keyboard(options.stdin) : input,
    stdout: options.stdout ?? stdout,
    stderr,
    now: () => options.now ?? new Date('2026-11-20T12:00:00Z'),
    onSignal(name, handler) {
      const set = handlers.get(name) ?? new Set();
      handlers.set(name, set.add(handler));
      return () => set.delete(handler);
    },
  };
  options.signals?.((name) => {
    for (const handler of [...(handlers.get(name) ?? [])]) handler();
  });
  const { daemon } = options;
  const connect =
    options.connect ??
    (async () => (daemon === undefined ? undefined : createClient({ socketPath: daemon.socketPath })));
  const code = await runCli(argv, { host, connect });
  return { code, stdout: out(), stderr: err() };
}

/** A terminal at which a text was typed. */
function keyboard(typed: RunOptions['stdin']): InputStream {
  const keys = new PassThrough();
  if (typeof typed === 'string') keys.write(typed);
  return Object.assign(keys, { isTTY: true, setRawMode: () => {} });
}

function sink(terminal: boolean): [OutputStream, () => string] {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(piece, _encoding, done) {
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  const shown = terminal ? Object.assign(stream, { isTTY: true, columns: 100, rows: 30 }) : stream;
  return [shown, () => Buffer.concat(pieces).toString('utf8')];
}
