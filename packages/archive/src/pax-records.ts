// PAX extended headers (pax(1), "pax Header Block"): `LENGTH KEY=VALUE\n`, read and written as bytes.
import type { ByteString, FileTime } from './entry.ts';
import { malformed, shown } from './errors.ts';

/** Key to value; the repeated pairs of GNU sparse format 0.0 are kept apart, in order. */
export interface PaxRecords {
  readonly values: Map<ByteString, ByteString>;
  readonly sparsePairs: readonly number[];
}

const WITHOUT_NUL = new Set(['path', 'linkpath', 'uname', 'gname', 'GNU.sparse.name']);

interface Cursor {
  readonly body: Buffer;
  at: number;
}

function nextRecord(cursor: Cursor, where: string): readonly [ByteString, ByteString] {
  const { body, at } = cursor;
  let length = 0;
  let digits = at;
  for (; digits < body.length && digits < at + 8; digits++) {
    const digit = (body[digits] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  const end = at + length;
  const valid = digits > at && body[digits] === 0x20 && end <= body.length && end > digits + 2;
  if (!valid || body[end - 1] !== 0x0a) throw malformed(where, 'a record of the extended header is broken');
  const equals = body.indexOf(0x3d, digits + 1);
  if (equals < 0 || equals >= end - 1 || equals === digits + 1) {
    throw malformed(where, 'a record of the extended header has no key');
  }
  cursor.at = end;
  return [body.toString('latin1', digits + 1, equals), body.toString('latin1', equals + 1, end - 1)];
}

/** All records of one extended header. Errors: archive/malformed. */
export function parsePaxRecords(body: Buffer, where: string): PaxRecords {
  const values = new Map<ByteString, ByteString>();
  const sparsePairs: number[] = [];
  const cursor = { body, at: 0 };
  while (cursor.at < body.length) {
    const [key, value] = nextRecord(cursor, where);
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
      const isOffset = key === 'GNU.sparse.offset';
      if ((sparsePairs.length % 2 === 0) !== isOffset)
        throw malformed(where, 'the sparse map is out of order');
      sparsePairs.push(paxInteger(value, key, where));
      continue;
    }
    if (WITHOUT_NUL.has(key) && value.includes('\0')) throw malformed(where, `NUL in ${key} ${shown(value)}`);
    values.set(key, value);
  }
  if (sparsePairs.length % 2 !== 0) throw malformed(where, 'the sparse map is out of order');
  return { values, sparsePairs };
}

/** A decimal number from 0 to 2^53. Errors: archive/malformed. */
export function paxInteger(value: ByteString, key: string, where: string): number {
  const number = /^[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw malformed(where, `${key} is not a number we can take`);
  return number;
}

/** `-12.5` is 13 seconds before 1970 and half a second after that. Digits beyond nanoseconds are dropped. */
export function paxTime(value: ByteString, key: string, where: string): FileTime {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(value);
  if (match === null) throw malformed(where, `${key} is not a time`);
  const seconds = Number(match[2]);
  const nanoseconds = Number((match[3] ?? '').padEnd(9, '0').slice(0, 9));
  if (match[1] !== '-') return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: seconds === 0 ? 0 : -seconds, nanoseconds }
    : { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds };
}

/** The text `paxTime` reads back as the same time. */
export function formatPaxTime(time: FileTime): ByteString {
  const negative = time.seconds < 0;
  const flipped = negative && time.nanoseconds > 0;
  const seconds = negative ? -time.seconds - (flipped ? 1 : 0) : time.seconds;
  const nanoseconds = flipped ? 1_000_000_000 - time.nanoseconds : time.nanoseconds;
  const fraction = nanoseconds === 0 ? '' : `.${String(nanoseconds).padStart(9, '0').replace(/0+$/, '')}`;
  return `${negative ? '-' : ''}${seconds}${fraction}`;
}

/** One record with its own length in front, which counts itself. */
export function formatPaxRecord(key: ByteString, value: ByteString): ByteString {
  const rest = key.length + value.length + 3;
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}
