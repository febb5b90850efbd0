// `ignite logs`: what a VM has printed, each stream on its own, from any state (CLI rule 16).
import type { LogPiece, LogQuery } from '@ignite/client';
import type { FlagValues } from '../argv/index.ts';
import type { CommandContext } from '../context.ts';
import { usage } from '../usage-error.ts';
import { parseTime } from './shared/times.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, operands, out, signal } = context;
  const query = logQuery(flags, host.now());
  const client = await context.client();
  const stamp = flags.bool('timestamps') ? createStamper() : (piece: LogPiece) => piece.bytes;
  try {
    for await (const piece of client.logs(operands[0] ?? '', query, { signal })) {
      const bytes = stamp(piece);
      await (piece.stream === 2 ? out.errorBytes(bytes) : out.bytes(bytes));
      if (out.broken) break;
    }
  } catch (error) {
    if (flags.bool('follow') && signal.aborted) return 130; // the usual way to end it
    throw error;
  }
  return 0;
}

function logQuery(flags: FlagValues, now: Date): LogQuery {
  if (flags.bool('console') && flags.bool('vmm')) throw usage('--console and --vmm exclude each other');
  const tail = flags.string('tail') ?? 'all';
  if (tail !== 'all' && !/^\d{1,9}$/.test(tail))
    throw usage(`--tail takes a number of lines or all, not "${tail}"`);
  const [since, until] = [flags.string('since'), flags.string('until')];
  return {
    ...(flags.bool('console') ? { source: 'console' as const } : {}),
    ...(flags.bool('vmm') ? { source: 'vmm' as const } : {}),
    ...(flags.bool('follow') ? { follow: true } : {}),
    ...(tail === 'all' ? {} : { tail: Number(tail) }),
    ...(since === undefined ? {} : { since: parseTime('--since', since, now) }),
    ...(until === undefined ? {} : { until: parseTime('--until', until, now) }),
  };
}

/** Puts the time before each line, also where a line comes in pieces. */
function createStamper(): (piece: LogPiece) => Uint8Array {
  const inLine = new Map<number, boolean>();
  return ({ stream, time, bytes }) => {
    const stamp = `${isoTime(time)} `;
    const text = Buffer.from(bytes).toString('latin1');
    const ended = text.endsWith('\n');
    const lines = (ended ? text.slice(0, -1) : text).split('\n');
    const stamped = lines.map((line, index) =>
      index === 0 && inLine.get(stream) === true ? line : stamp + line,
    );
    inLine.set(stream, !ended);
    return Buffer.from(stamped.join('\n') + (ended ? '\n' : ''), 'latin1');
  };
}

/** RFC 3339 with nanoseconds. */
function isoTime(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`;
}
