// Extended attributes: as many as fit behind the inode's fields, the rest in one block of the inode's own
// (Documentation/filesystems/ext4, "Extended Attributes").
import { toStoredAcl } from './acl.ts';
import { extendCrc32c, extendCrc32cUint32 } from '@ignite/api/crc32c';
import type { BytePath } from './entry.ts';
import { entryError, shown } from './errors.ts';
import { BLOCK_SIZE } from './layout.ts';

const MAGIC = 0xea020000;
const BLOCK_HEADER = 32;
const ENTRY_BYTES = 16;
const BLOCK_REFERENCES = 4;
const BLOCK_HASH = 12;
const BLOCK_CHECKSUM = 16;

interface Attribute {
  /** Number of the name's prefix, which is not stored. */
  readonly index: number;
  readonly name: Buffer;
  readonly value: Buffer;
}

const PREFIXES: readonly (readonly [string, number])[] = [
  ['user.', 1],
  ['trusted.', 4],
  ['security.', 6],
];
const ACL_ACCESS = 2;
const ACL_DEFAULT = 3;

function aclAttribute(name: string, value: Buffer, path: BytePath): Attribute | undefined {
  const stored = toStoredAcl(value);
  if (stored === undefined) throw entryError('ext4/entry-invalid', path, `${name} is no POSIX ACL`);
  const access = name === 'system.posix_acl_access';
  if (access && stored.minimal) return undefined;
  return { index: access ? ACL_ACCESS : ACL_DEFAULT, name: Buffer.alloc(0), value: stored.bytes };
}

/** The stored attribute; undefined for what Linux has no place for on ext4 (other systems' namespaces). */
function toAttribute(name: string, value: Uint8Array, path: BytePath): Attribute | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (name === 'system.posix_acl_access' || name === 'system.posix_acl_default') {
    return aclAttribute(name, bytes, path);
  }
  for (const [prefix, index] of PREFIXES) {
    if (!name.startsWith(prefix)) continue;
    const rest = Buffer.from(name.slice(prefix.length), 'latin1');
    if (rest.length === 0 || rest.length > 255 || rest.includes(0)) {
      throw entryError('ext4/entry-invalid', path, `attribute name ${shown(name)}`);
    }
    return { index, name: rest, value: bytes };
  }
  return undefined;
}

/** Order in a block: prefix, length of name, name (fs/ext4/xattr.c, ext4_xattr_find_entry). */
function compare(a: Attribute, b: Attribute): number {
  return a.index - b.index || a.name.length - b.name.length || a.name.compare(b.name);
}

const padded = (length: number): number => (length + 3) & ~3;
const entryBytes = (attribute: Attribute): number => ENTRY_BYTES + padded(attribute.name.length);
const spaceFor = (attribute: Attribute): number => entryBytes(attribute) + padded(attribute.value.length);

function entryHash(attribute: Attribute): number {
  let hash = 0;
  for (const byte of attribute.name) hash = (hash << 5) ^ (hash >>> 27) ^ byte;
  const value = Buffer.alloc(padded(attribute.value.length));
  attribute.value.copy(value);
  for (let at = 0; at < value.length; at += 4) {
    hash = (hash << 16) ^ (hash >>> 16) ^ value.readInt32LE(at);
  }
  return hash >>> 0;
}

/** Entries from `start` up, values from the end down; offsets of values count from `base`. Returns the entry hashes. */
function writeAttributes(
  target: Buffer,
  start: number,
  base: number,
  attributes: readonly Attribute[],
): number[] {
  let at = start;
  let end = target.length;
  const hashes: number[] = [];
  for (const attribute of attributes) {
    const { index, name, value } = attribute;
    const hash = entryHash(attribute);
    end -= padded(value.length);
    value.copy(target, end);
    target.writeUInt8(name.length, at);
    target.writeUInt8(index, at + 1);
    target.writeUInt16LE(value.length === 0 ? 0 : end - base, at + 2);
    target.writeUInt32LE(0, at + 4);
    target.writeUInt32LE(value.length, at + 8);
    target.writeUInt32LE(hash, at + 12);
    name.copy(target, at + ENTRY_BYTES);
    at += entryBytes(attribute);
    hashes.push(hash);
  }
  return hashes;
}

function makeBlock(attributes: readonly Attribute[]): Buffer {
  const block = Buffer.alloc(BLOCK_SIZE);
  block.writeUInt32LE(MAGIC, 0);
  block.writeUInt32LE(1, 8);
  let hash = 0;
  for (const entry of writeAttributes(block, BLOCK_HEADER, 0, attributes)) {
    hash = (hash << 16) ^ (hash >>> 16) ^ entry;
  }
  block.writeUInt32LE(hash >>> 0, BLOCK_HASH);
  return block;
}

/** Puts reference count and checksum into an attribute block that will lie at `block`. */
export function sealXattrBlock(
  bytes: Buffer,
  block: number,
  references: number,
  fileSystemSeed: number,
): void {
  bytes.writeUInt32LE(references, BLOCK_REFERENCES);
  bytes.writeUInt32LE(0, BLOCK_CHECKSUM);
  const numbered = extendCrc32cUint32(
    extendCrc32cUint32(fileSystemSeed, block % 2 ** 32),
    Math.floor(block / 2 ** 32),
  );
  bytes.writeUInt32LE(extendCrc32c(numbered, bytes), BLOCK_CHECKSUM);
}

/**
 * Writes attributes into an inode's space (zeroed, behind its fields) and returns the block with those that did not
 * fit, not yet sealed, or undefined. Attributes of namespaces ext4 does not have are left out.
 * Errors: ext4/entry-invalid if they do not fit, or one is malformed.
 */
export function encodeXattrs(
  xattrs: ReadonlyMap<string, Uint8Array>,
  space: Buffer,
  path: BytePath,
): Buffer | undefined {
  const attributes: Attribute[] = [];
  for (const [name, value] of xattrs) {
    const attribute = toAttribute(name, value, path);
    if (attribute !== undefined) attributes.push(attribute);
  }
  attributes.sort(compare);
  // Four bytes of magic in front, four zero bytes after the last entry.
  let room = space.length - 8;
  let blockRoom = BLOCK_SIZE - BLOCK_HEADER - 4;
  const inside: Attribute[] = [];
  const outside: Attribute[] = [];
  for (const attribute of attributes) {
    const needed = spaceFor(attribute);
    if (needed <= room) {
      inside.push(attribute);
      room -= needed;
    } else {
      outside.push(attribute);
      blockRoom -= needed;
    }
  }
  if (blockRoom < 0)
    throw entryError('ext4/entry-invalid', path, 'its extended attributes do not fit into 4096 bytes');
  if (inside.length > 0) {
    space.writeUInt32LE(MAGIC, 0);
    writeAttributes(space, 4, 4, inside);
  }
  return outside.length === 0 ? undefined : makeBlock(outside);
}
