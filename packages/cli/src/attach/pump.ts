// One guest stream connected to our stdin, stdout and stderr until it ends, byte for byte and at the reader's pace.
import type { Readable } from 'node:stream';
import type { ExitStatus, IgniteStream } from '@ignite/client';
import type { CliHost } from '../host.ts';
import type { Output } from '../output/output.ts';
import { DEFAULT_KEYS, parseDetachKeys, watchDetach } from '../terminal/detach-keys.ts';
import { takeTerminal, terminalSize } from '../terminal/raw-mode.ts';
import { FORWARDED, signalNumber } from '../terminal/signals.ts';

export interface PumpOptions {
  readonly host: CliHost;
  readonly out: Output;
  readonly stream: IgniteStream;
  readonly stdin: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** The guest has a terminal: raw mode, resize, no signals of ours. */
  readonly tty: boolean;
  /** Signals go to the command. */
  readonly signals: boolean;
  /** Description of the keys that detach; absent: none do. */
  readonly detachKeys?: string | undefined;
  /** Called whenever bytes of either stream come, before they are written: they show that the sender runs. */
  readonly onOutput?: () => void;
}

/**
 * How it ended: the command, or the user left, by the keys or by a Ctrl-C that the command does not heed; or nobody reads what
 * the command goes on to say, as with `… | head`.
 */
export type PumpEnd =
  | { readonly kind: 'exit'; readonly status: ExitStatus }
  | { readonly kind: 'detached'; readonly unheeded: boolean }
  | { readonly kind: 'unread' };

/** Pumps until the guest's end or the detach keys. Rejects where the connection was lost. */
export async function pump(options: PumpOptions): Promise<PumpEnd> {
  const { host, out, stream } = options;
  const unread = Promise.withResolvers<PumpEnd>();
  let timer: NodeJS.Timeout | undefined;
  const onUnread = () => {
    timer ??= setTimeout(() => unread.resolve({ kind: 'unread' }), UNREAD_MS);
  };
  const detached = Promise.withResolvers<PumpEnd>();
  const leave = (unheeded: boolean) => detached.resolve({ kind: 'detached', unheeded });
  const release = [
    ...(options.tty ? [takeTerminal(host, ({ rows, columns }) => stream.resize(rows, columns))] : []),
    ...(options.signals ? forwardSignals(host, stream, () => leave(true)) : []),
    ...(options.stdin ? [feedStdin(options, () => leave(false))] : []),
  ];
  if (options.tty) {
    const { rows, columns } = terminalSize(host);
    stream.resize(rows, columns);
  }
  if (!options.stdin) stream.stdin.end();
  const telling = (write: (bytes: Uint8Array) => Promise<void>) => (bytes: Uint8Array) => {
    options.onOutput?.();
    return write(bytes);
  };
  try {
    const ended = Promise.all([
      drain(stream.stdout, telling(options.stdout === false ? drop : out.bytes), () => out.broken, onUnread),
      drain(
        stream.stderr,
        telling(options.stderr === false ? drop : out.errorBytes),
        () => out.errorsBroken,
        onUnread,
      ),
    ]).then(async (): Promise<PumpEnd> => ({ kind: 'exit', status: await stream.exit }));
    ended.catch(() => {}); // after a detach nobody waits for it
    return await Promise.race([ended, detached.promise, unread.promise]);
  } finally {
    clearTimeout(timer);
    for (const one of release) one();
  }
}

/** What a shell would see: the code, or 128 and the signal. */
export function exitCode(status: ExitStatus): number {
  return status.code ?? 128 + (status.signal ?? 0);
}

/** Exit status when the reader of stdout is gone: 128 and SIGPIPE, as a program on this host would have. */
export const UNREAD = 141;

/** Exit status where the user left a command that heeds no Ctrl-C: 128 and SIGINT. */
export const INTERRUPTED = 130;

/** What to say then: the VM is not ended by it. */
export function unheededLine(name: string): string {
  return `\nThe command heeds no Ctrl-C; ${name} keeps running: \`ignite stop ${name}\` ends it`;
}

async function drop(): Promise<void> {}

/** How long a command whose reader has gone may take to end by itself, and keep its exit code. */
const UNREAD_MS = 1_000;

/** Reads only as fast as it is written: memory stays bounded whatever the guest sends. Without a reader it is dropped. */
async function drain(
  from: Readable,
  write: (bytes: Uint8Array) => Promise<void>,
  broken: () => boolean,
  onUnread: () => void,
): Promise<void> {
  for await (const piece of from) {
    if (!broken()) await write(piece);
    if (broken()) onUnread();
  }
}

/** So many in a row, each soon after the one before, and the user gets away, as from Docker. */
const UNHEEDED = 3;
const SOON_MS = 3000;

/** Passes signals on. A first process without a handler heeds no SIGINT (pid_namespaces(7)), so that Ctrl-C alone would be no way out. */
function forwardSignals(host: CliHost, stream: IgniteStream, leave: () => void): readonly (() => void)[] {
  let count = 0;
  let last = 0;
  const interrupted = () => {
    const now = host.now().getTime();
    count = now - last <= SOON_MS ? count + 1 : 1;
    last = now;
    if (count === UNHEEDED) leave();
  };
  return FORWARDED.map((name) =>
    host.onSignal(name, () => {
      stream.signal(signalNumber(name) ?? 15);
      if (name === 'SIGINT') interrupted();
    }),
  );
}

/** Sends stdin, watching for the detach keys on a terminal. */
function feedStdin(options: PumpOptions, detach: () => void): () => void {
  const { host, stream, tty } = options;
  const keys = parseDetachKeys(options.detachKeys ?? DEFAULT_KEYS);
  const watch = tty && host.stdin.isTTY === true && options.detachKeys !== '' ? watchDetach(keys) : undefined;
  const onData = (piece: Buffer) => {
    const seen = watch?.push(piece) ?? { pass: piece, detach: false };
    if (seen.pass.length > 0 && !stream.stdin.write(seen.pass)) host.stdin.pause();
    if (seen.detach) detach();
  };
  const onEnd = () => stream.stdin.end();
  const onDrain = () => host.stdin.resume();
  host.stdin.on('data', onData);
  host.stdin.once('end', onEnd);
  host.stdin.once('error', onEnd);
  stream.stdin.on('drain', onDrain);
  stream.stdin.on('error', () => {});
  return () => {
    host.stdin.off('data', onData);
    host.stdin.off('end', onEnd);
    host.stdin.off('error', onEnd);
    host.stdin.pause();
  };
}
