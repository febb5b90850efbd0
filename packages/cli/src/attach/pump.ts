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
  /** Called whenever bytes of either stream come, before they are written: whoever sent them runs. */
  readonly onOutput?: () => void;
}

/** How it ended: the command, or the user left. */
export type PumpEnd = { readonly kind: 'exit'; readonly status: ExitStatus } | { readonly kind: 'detached' };

/** Pumps until the guest's end or the detach keys. Rejects where the connection was lost. */
export async function pump(options: PumpOptions): Promise<PumpEnd> {
  const { host, out, stream } = options;
  const detached = Promise.withResolvers<PumpEnd>();
  const release = [
    ...(options.tty ? [takeTerminal(host, ({ rows, columns }) => stream.resize(rows, columns))] : []),
    ...(options.signals ? forwardSignals(host, stream) : []),
    ...(options.stdin ? [feedStdin(options, () => detached.resolve({ kind: 'detached' }))] : []),
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
      drain(stream.stdout, telling(options.stdout === false ? drop : out.bytes), out),
      drain(stream.stderr, telling(options.stderr === false ? drop : out.errorBytes), out),
    ]).then(async (): Promise<PumpEnd> => ({ kind: 'exit', status: await stream.exit }));
    ended.catch(() => {}); // after a detach nobody waits for it
    return await Promise.race([ended, detached.promise]);
  } finally {
    for (const one of release) one();
  }
}

/** What a shell would see: the code, or 128 and the signal. */
export function exitCode(status: ExitStatus): number {
  return status.code ?? 128 + (status.signal ?? 0);
}

async function drop(): Promise<void> {}

/** Reads only as fast as it is written: memory stays bounded whatever the guest sends. */
async function drain(
  from: Readable,
  write: (bytes: Uint8Array) => Promise<void>,
  out: Output,
): Promise<void> {
  for await (const piece of from) {
    await write(piece);
    if (out.broken) break; // our reader is gone, as with `… | head`
  }
}

function forwardSignals(host: CliHost, stream: IgniteStream): readonly (() => void)[] {
  return FORWARDED.map((name) => host.onSignal(name, () => stream.signal(signalNumber(name) ?? 15)));
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
