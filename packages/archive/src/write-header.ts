// One entry's header blocks: plain ustar where everything fits, with a PAX header in front where it does not.
import { IgniteError } from '@ignite/api/errors';
import type { ByteString, EntryType, TarInput } from './entry.ts';
import { shown } from './errors.ts';
import { BLOCK } from './header-block.ts';
import { fitsOctal, writeOctal } from './header-numbers.ts';
import { formatPaxRecord, formatPaxTime } from './pax-records.ts';

const TYPEFLAGS: Readonly<Record<EntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};

interface SplitName {
  readonly name: ByteString;
  readonly prefix: ByteString;
}

/** Splits a long name at a slash into ustar's prefix and name; undefined if it does not fit. */
function splitName(name: ByteString): SplitName | undefined {
  if (name.length <= 100) return { name, prefix: '' };
  if (name.length > 256) return undefined;
  const slash = name.indexOf('/', name.length - 101);
  if (slash < 1 || slash > 155 || slash === name.length - 1) return undefined;
  return { name: name.slice(slash + 1), prefix: name.slice(0, slash) };
}

function isUtf8(bytes: ByteString): boolean {
  return Buffer.from(Buffer.from(bytes, 'latin1').toString('utf8'), 'utf8').toString('latin1') === bytes;
}

function invalid(entry: TarInput, what: string): IgniteError {
  return new IgniteError('archive/entry-invalid', `Entry ${shown(entry.name)} cannot be written: ${what}`);
}

/** Errors: archive/entry-invalid. */
function checkEntry(entry: TarInput): void {
  const texts = [entry.name, entry.linkName ?? '', entry.userName ?? '', entry.groupName ?? ''];
  if (entry.name === '') throw invalid(entry, 'it has no name');
  if (texts.some((text) => text.includes('\0'))) throw invalid(entry, 'a name holds NUL');
  const numbers = [entry.mode, entry.uid, entry.gid, entry.size, entry.deviceMajor, entry.deviceMinor];
  if (numbers.some((number) => number !== undefined && !(Number.isSafeInteger(number) && number >= 0))) {
    throw invalid(entry, 'a number is negative or no whole number');
  }
  if ((entry.size ?? 0) > 0 && entry.type !== 'file') throw invalid(entry, 'only files have content');
  for (const name of entry.xattrs?.keys() ?? []) {
    if (name.includes('=') || name.includes('\0')) throw invalid(entry, `attribute name ${shown(name)}`);
  }
}

function paxRecords(entry: TarInput): ByteString {
  const records: ByteString[] = [];
  const add = (key: string, value: ByteString): void => {
    records.push(formatPaxRecord(key, value));
  };
  const link = entry.linkName ?? '';
  const longName = splitName(entry.name) === undefined;
  const longLink = link.length > 100;
  if ((longName && !isUtf8(entry.name)) || (longLink && !isUtf8(link))) add('hdrcharset', 'BINARY');
  if (longName) add('path', entry.name);
  if (longLink) add('linkpath', link);
  if (!fitsOctal(entry.size ?? 0, 12)) add('size', String(entry.size));
  if (!fitsOctal(entry.uid ?? 0, 8)) add('uid', String(entry.uid));
  if (!fitsOctal(entry.gid ?? 0, 8)) add('gid', String(entry.gid));
  if ((entry.userName ?? '').length > 31) add('uname', entry.userName ?? '');
  if ((entry.groupName ?? '').length > 31) add('gname', entry.groupName ?? '');
  const mtime = entry.mtime ?? { seconds: 0, nanoseconds: 0 };
  if (mtime.nanoseconds !== 0 || !fitsOctal(mtime.seconds, 12)) add('mtime', formatPaxTime(mtime));
  if (entry.atime !== undefined) add('atime', formatPaxTime(entry.atime));
  for (const [name, value] of entry.xattrs ?? []) {
    add(`SCHILY.xattr.${name}`, Buffer.from(value).toString('latin1'));
  }
  return records.join('');
}

function ustarBlock(entry: TarInput, typeflag: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  const number = (start: number, length: number, value: number): void =>
    writeOctal(block, start, length, fitsOctal(value, length) ? value : 0);
  const split = splitName(entry.name) ?? { name: entry.name.slice(-100), prefix: '' };
  block.write(split.name, 0, 100, 'latin1');
  number(100, 8, (entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644)) & 0o7777);
  number(108, 8, entry.uid ?? 0);
  number(116, 8, entry.gid ?? 0);
  number(124, 12, entry.size ?? 0);
  number(136, 12, entry.mtime?.seconds ?? 0);
  block.write(typeflag, 156, 1, 'latin1');
  block.write((entry.linkName ?? '').slice(0, 100), 157, 100, 'latin1');
  block.write('ustar\x0000', 257, 8, 'latin1');
  block.write((entry.userName ?? '').slice(0, 31), 265, 31, 'latin1');
  block.write((entry.groupName ?? '').slice(0, 31), 297, 31, 'latin1');
  number(329, 8, entry.deviceMajor ?? 0);
  number(337, 8, entry.deviceMinor ?? 0);
  block.write(split.prefix, 345, 155, 'latin1');
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  writeOctal(block, 148, 7, sum);
  return block;
}

/** Zero bytes from the end of content to the end of its block. */
export function padding(bytes: number): number {
  return (BLOCK - (bytes % BLOCK)) % BLOCK;
}

/** The header blocks of an entry. Errors: archive/entry-invalid. */
export function writeHeader(entry: TarInput): Buffer {
  checkEntry(entry);
  if (!fitsOctal(entry.deviceMajor ?? 0, 8) || !fitsOctal(entry.deviceMinor ?? 0, 8)) {
    throw invalid(entry, 'the device number is too large');
  }
  const block = ustarBlock(entry, TYPEFLAGS[entry.type]);
  const records = paxRecords(entry);
  if (records === '') return block;
  const body = Buffer.from(records, 'latin1');
  const name = `PaxHeaders/${entry.name.replace(/\/+$/, '').split('/').pop() ?? ''}`.slice(0, 100);
  const extension = ustarBlock({ type: 'file', name, mode: 0o644, size: body.length }, 'x');
  return Buffer.concat([extension, body, Buffer.alloc(padding(body.length)), block]);
}
