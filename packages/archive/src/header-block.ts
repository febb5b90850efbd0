// One 512-byte header block of a tar archive: POSIX ustar (pax(1), "ustar Interchange Format"), GNU, star and v7.
import type { ByteString } from './entry.ts';
import { malformed, shown } from './errors.ts';
import { parseNumber } from './header-numbers.ts';

export const BLOCK = 512;

/** The fields of a header block before extension headers are applied. */
export interface RawHeader {
  readonly typeflag: ByteString;
  readonly name: ByteString;
  readonly linkName: ByteString;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly userName: ByteString;
  readonly groupName: ByteString;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

const ZEROS = Buffer.alloc(BLOCK);

/** Whether a block is all zeros: two of them end an archive. */
export function isZeroBlock(block: Buffer): boolean {
  return block[0] === 0 && block.compare(ZEROS) === 0;
}

/** Text up to the first NUL of a field that need not have one. */
function fieldText(block: Buffer, start: number, length: number): ByteString {
  const end = start + length;
  let at = start;
  while (at < end && block[at] !== 0) at++;
  return at === start ? '' : block.toString('latin1', start, at);
}

/** The sum of all bytes with the checksum field as spaces, and the same with signed bytes, which old writers used. */
function checksumMatches(block: Buffer): boolean {
  const stated = parseNumber(block, 148, 8);
  let sum = 256;
  for (let at = 0; at < 148; at++) sum += block[at] ?? 0;
  for (let at = 156; at < BLOCK; at++) sum += block[at] ?? 0;
  return stated === sum || stated === signedChecksum(block);
}

function signedChecksum(block: Buffer): number {
  let sum = 256;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += block.readInt8(at);
  return sum;
}

type Dialect = 'ustar' | 'gnu' | 'star' | 'v7';

function dialectOf(block: Buffer): Dialect {
  const magic = block.toString('latin1', 257, 265);
  if (magic === 'ustar  \0') return 'gnu';
  if (!magic.startsWith('ustar')) return 'v7';
  return block.toString('latin1', 508, 512) === 'tar\0' ? 'star' : 'ustar';
}

function fullName(block: Buffer, dialect: Dialect): ByteString {
  const name = fieldText(block, 0, 100);
  if (dialect !== 'ustar' && dialect !== 'star') return name;
  const prefix = fieldText(block, 345, dialect === 'star' ? 131 : 155);
  return prefix === '' ? name : `${prefix}/${name}`;
}

/**
 * Reads a header block that is not all zeros.
 * Errors: archive/malformed if the checksum or a number is wrong; `where` says where it stands.
 */
export function readHeaderBlock(block: Buffer, where: string): RawHeader {
  if (!checksumMatches(block)) throw malformed(where, 'the checksum of the header is wrong');
  const dialect = dialectOf(block);
  const name = fullName(block, dialect);
  const number = (start: number, length: number, what: string): number => {
    const value = parseNumber(block, start, length);
    if (value === undefined) throw malformed(`entry ${shown(name)}`, `the ${what} is not a number`);
    return value;
  };
  const named = dialect !== 'v7';
  const typeflag = String.fromCharCode(block[156] ?? 0);
  const device = named && (typeflag === '3' || typeflag === '4');
  return {
    typeflag,
    name,
    linkName: fieldText(block, 157, 100),
    mode: number(100, 8, 'mode'),
    uid: number(108, 8, 'owner'),
    gid: number(116, 8, 'group'),
    size: number(124, 12, 'size'),
    mtime: number(136, 12, 'time'),
    userName: named ? fieldText(block, 265, 32) : '',
    groupName: named ? fieldText(block, 297, 32) : '',
    deviceMajor: device ? number(329, 8, 'device number') : 0,
    deviceMinor: device ? number(337, 8, 'device number') : 0,
  };
}
