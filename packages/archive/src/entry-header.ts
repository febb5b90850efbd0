// A header block and the extension headers before it become one entry's header.
import type { ByteString, EntryType, FileTime, TarHeader } from './entry.ts';
import { beyondLimit, malformed, shown, unsupported } from './errors.ts';
import type { RawHeader } from './header-block.ts';
import { type PaxRecords, paxInteger, paxTime } from './pax-records.ts';

/** What extension headers said about the next entry. */
export interface Extensions {
  readonly pax: PaxRecords;
  readonly longName: ByteString | undefined;
  readonly longLink: ByteString | undefined;
}

export interface EntryHeader extends TarHeader {
  /** Bytes of content in the archive, without padding. */
  readonly storedBytes: number;
}

const TYPES: Readonly<Record<string, EntryType>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  D: 'directory',
  '6': 'fifo',
};

const NO_XATTRS: ReadonlyMap<ByteString, Buffer> = new Map();
const SCHILY = 'SCHILY.xattr.';
const LIBARCHIVE = 'LIBARCHIVE.xattr.';

function libarchiveName(escaped: ByteString): ByteString {
  return escaped.replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Extended attributes: star's records as they are; libarchive's (escaped name, base64) where star's is missing. */
function xattrsOf(values: ReadonlyMap<ByteString, ByteString>): ReadonlyMap<ByteString, Buffer> {
  let found: Map<ByteString, Buffer> | undefined;
  for (const [key, value] of values) {
    if (key.startsWith(SCHILY)) {
      found ??= new Map();
      found.set(key.slice(SCHILY.length), Buffer.from(value, 'latin1'));
    } else if (key.startsWith(LIBARCHIVE)) {
      const name = libarchiveName(key.slice(LIBARCHIVE.length));
      found ??= new Map();
      if (!found.has(name)) found.set(name, Buffer.from(value, 'base64'));
    }
  }
  return found ?? NO_XATTRS;
}

function typeOf(raw: RawHeader, name: ByteString): EntryType {
  const type = TYPES[raw.typeflag];
  if (type === undefined) {
    throw unsupported(`entry ${shown(name)}`, `an entry of unknown type ${shown(raw.typeflag)}`);
  }
  return type === 'file' && raw.typeflag !== 'S' && name.endsWith('/') ? 'directory' : type;
}

function inRange(value: number, maximum: number, what: string, where: string): number {
  if (value < 0 || value > maximum) throw malformed(where, `the ${what} ${value} is out of range`);
  return value;
}

function checkedName(name: ByteString, what: string, where: string): ByteString {
  if (name.includes('\0')) throw malformed(where, `NUL in the ${what} ${shown(name)}`);
  return name;
}

/** Merges a header block with its extensions. Errors: archive/malformed, unsupported-entry, limit. */
export function mergeHeader(raw: RawHeader, extensions: Extensions, maximumFileBytes: number): EntryHeader {
  const values = extensions.pax.values;
  const name = values.get('GNU.sparse.name') ?? values.get('path') ?? extensions.longName ?? raw.name;
  const where = `entry ${shown(name)}`;
  if (name === '') throw malformed(where, 'the name is empty');
  const type = typeOf(raw, name);
  const integer = (key: string, otherwise: number): number => {
    const value = values.get(key);
    return value === undefined ? otherwise : paxInteger(value, key, where);
  };
  const time = (key: string): FileTime | undefined => {
    const value = values.get(key);
    return value === undefined ? undefined : paxTime(value, key, where);
  };
  const size = inRange(integer('size', raw.size), Number.MAX_SAFE_INTEGER, 'size', where);
  if (size > maximumFileBytes) throw beyondLimit(where, `${size} bytes of content`);
  // By the type flag, as all readers do; a directory that only its name shows to be one (old archives) may have content.
  const storedBytes = TYPES[raw.typeflag] === 'file' || raw.typeflag === 'D' ? size : 0;
  const linked = type === 'symlink' || type === 'hardlink';
  const atime = time('atime');
  return {
    type,
    name: checkedName(name, 'name', where),
    linkName: linked
      ? checkedName(values.get('linkpath') ?? extensions.longLink ?? raw.linkName, 'link target', where)
      : '',
    mode: raw.mode & 0o7777,
    uid: inRange(integer('uid', raw.uid), 0xffff_ffff, 'owner', where),
    gid: inRange(integer('gid', raw.gid), 0xffff_ffff, 'group', where),
    userName: values.get('uname') ?? raw.userName,
    groupName: values.get('gname') ?? raw.groupName,
    size: type === 'file' ? size : 0,
    mtime: time('mtime') ?? { seconds: raw.mtime, nanoseconds: 0 },
    ...(atime === undefined ? {} : { atime }),
    deviceMajor: inRange(raw.deviceMajor, 0xffff_ffff, 'device number', where),
    deviceMinor: inRange(raw.deviceMinor, 0xffff_ffff, 'device number', where),
    xattrs: values.size === 0 ? NO_XATTRS : xattrsOf(values),
    storedBytes,
  };
}
