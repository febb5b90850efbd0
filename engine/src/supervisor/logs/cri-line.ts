// One line of the CRI log format of Kubernetes: `TIME stdout|stderr F|P CONTENT` (native/spawn/cri.c).

export interface CriLine {
  readonly stream: 1 | 2;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** False for P: the line goes on in the next record of the same stream. */
  readonly whole: boolean;
  readonly content: Uint8Array;
}

const BLANK = 0x20;
const HEAD_BYTES = 64;

/** Parses a line without its newline; undefined for one that is torn or not of this format. */
export function parseCriLine(line: Uint8Array): CriLine | undefined {
  const head = Buffer.from(line.buffer, line.byteOffset, Math.min(line.length, HEAD_BYTES)).toString(
    'latin1',
  );
  const [, when = '', stream, tag] = /^(\S+) (stdout|stderr) ([FP]) /.exec(head) ?? [];
  const time = parseTime(when);
  if (time === undefined || tag === undefined) return undefined;
  const start = line.indexOf(BLANK, when.length + ' stdout '.length) + 1;
  return { stream: stream === 'stdout' ? 1 : 2, time, whole: tag === 'F', content: line.subarray(start) };
}

/** RFC 3339 in UTC with up to nine decimals. */
function parseTime(text: string): bigint | undefined {
  const [, seconds = '', fraction = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
  const milliseconds = Date.parse(`${seconds}Z`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
