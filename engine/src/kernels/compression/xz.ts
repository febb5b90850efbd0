// Decodes .xz: what Debian packs kernels, modules and packages with. Our own decoder, so that untrusted bytes can be
// read in a worker that starts no program. Source: "The .xz File Format" 1.1.0 (tukaani.org/xz/xz-file-format.txt).
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { corrupt } from './corrupt.ts';
import { crc64Bytes, newCrc64, updateCrc64 } from './crc64.ts';
import { type Cursor, decodeLzma2 } from './lzma2.ts';
import { newX86Filter, undoX86 } from './x86-filter.ts';

/** Magic of a stream's header, section 2.1.1.1. */
export const XZ_MAGIC = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

const HEADER_BYTES = 12;
const FILTER_X86 = 0x04;
const FILTER_LZMA2 = 0x21;
/** Dictionaries that packages and kernels use are 1 to 64 MiB; more would be an attack on our memory. */
const MAX_DICTIONARY = 128 << 20;

/** Size of the check behind each block by its id, section 2.1.1.2. */
const CHECK_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 };

interface Block {
  readonly dictionaryBytes: number;
  readonly x86: boolean;
}

interface Check {
  update(piece: Uint8Array): void;
  digest(): Uint8Array;
}

/**
 * Decodes the first stream of `input`, piece by piece; bytes behind the stream are ignored, as the kernel's build
 * puts the length there. A piece is valid only until the next is asked for.
 * @throws IgniteError `kernels/corrupt`
 */
export function* decodeXz(input: Uint8Array): Generator<Uint8Array, void> {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  const check = readStreamHeader(bytes);
  const cursor: Cursor = { input: bytes, at: HEADER_BYTES };
  let blocks = 0;
  // an index begins with a zero where a block has its header's size
  while ((bytes[cursor.at] ?? 0) !== 0) {
    yield* decodeBlock(bytes, cursor, check);
    blocks += 1;
  }
  readIndex(bytes, cursor, blocks);
}

function readStreamHeader(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 6).equals(XZ_MAGIC)) throw corrupt('xz', 'no header');
  if (crc32(bytes.subarray(6, 8)) !== bytes.readUInt32LE(8)) throw corrupt('xz', 'its header');
  const check = (bytes[7] ?? 0) & 0x0f;
  if (bytes[6] !== 0 || bytes[7] !== check || CHECK_BYTES[check] === undefined) {
    throw corrupt('xz', `stream flags ${bytes[6]} ${bytes[7]}`);
  }
  return check;
}

function* decodeBlock(bytes: Buffer, cursor: Cursor, checkId: number): Generator<Uint8Array, void> {
  const block = readBlockHeader(bytes, cursor);
  const start = cursor.at;
  const check = newCheck(checkId);
  const pieces = decodeLzma2(cursor, block.dictionaryBytes);
  for (const piece of block.x86 ? unfilterX86(pieces) : pieces) {
    check.update(piece);
    yield piece;
  }
  cursor.at += (4 - ((cursor.at - start) % 4)) % 4;
  const size = CHECK_BYTES[checkId] ?? 0;
  const stored = bytes.subarray(cursor.at, cursor.at + size);
  if (!stored.equals(check.digest())) throw corrupt('xz', 'a block has another checksum');
  cursor.at += size;
}

/** Section 3.1. */
function readBlockHeader(bytes: Buffer, cursor: Cursor): Block {
  const start = cursor.at;
  const end = start + ((bytes[start] ?? 0) + 1) * 4;
  if (end > bytes.length || crc32(bytes.subarray(start, end - 4)) !== bytes.readUInt32LE(end - 4)) {
    throw corrupt('xz', 'a block header');
  }
  const flags = bytes[start + 1] ?? 0;
  cursor.at = start + 2;
  if (flags & 0x40) readNumber(bytes, cursor); // the two sizes; the index repeats them
  if (flags & 0x80) readNumber(bytes, cursor);
  const filters = Array.from({ length: (flags & 3) + 1 }, () => readFilter(bytes, cursor));
  cursor.at = end;
  const last = filters.at(-1);
  const x86 = filters.length === 2 && filters[0]?.id === FILTER_X86 && filters[0].properties.length === 0;
  if (last?.id !== FILTER_LZMA2 || last.properties.length !== 1 || (filters.length > 1 && !x86)) {
    throw corrupt('xz', `filters ${filters.map((f) => f.id).join(', ')} that we do not know`);
  }
  return { dictionaryBytes: dictionarySize(last.properties[0] ?? 0), x86 };
}

function readFilter(bytes: Buffer, cursor: Cursor): { readonly id: number; readonly properties: Buffer } {
  const id = readNumber(bytes, cursor);
  const size = readNumber(bytes, cursor);
  const properties = bytes.subarray(cursor.at, cursor.at + size);
  cursor.at += size;
  return { id, properties };
}

/** Section 5.3.1: bits 0–5 give 2 or 3 times a power of two. */
function dictionarySize(bits: number): number {
  const size = bits < 40 ? (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11) : Number.POSITIVE_INFINITY;
  if (size > MAX_DICTIONARY) throw corrupt('xz', `a dictionary of ${size} bytes, over our limit`);
  return Math.max(size, 4096);
}

/** Multibyte integer, section 1.2; values over 2^53 are refused. */
function readNumber(bytes: Buffer, cursor: Cursor): number {
  let value = 0;
  for (let i = 0; i < 9; i += 1) {
    const byte = bytes[cursor.at];
    if (byte === undefined) break;
    cursor.at += 1;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0 && Number.isSafeInteger(value)) return value;
  }
  throw corrupt('xz', 'a number');
}

/** Section 4; its CRC and count are checked, so that a file cut at a block's end is noticed. */
function readIndex(bytes: Buffer, cursor: Cursor, blocks: number): void {
  const start = cursor.at;
  cursor.at += 1;
  if (readNumber(bytes, cursor) !== blocks) throw corrupt('xz', 'the index counts other blocks');
  for (let i = 0; i < blocks * 2; i += 1) readNumber(bytes, cursor);
  cursor.at += (4 - ((cursor.at - start) % 4)) % 4;
  if (
    cursor.at + 4 > bytes.length ||
    crc32(bytes.subarray(start, cursor.at)) !== bytes.readUInt32LE(cursor.at)
  ) {
    throw corrupt('xz', 'the index');
  }
}

function newCheck(id: number): Check {
  if (id === 1) {
    let value = 0;
    return {
      update: (piece) => {
        value = crc32(piece, value);
      },
      digest: () => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(value);
        return bytes;
      },
    };
  }
  if (id === 4) {
    const crc = newCrc64();
    return { update: (piece) => updateCrc64(crc, piece), digest: () => crc64Bytes(crc) };
  }
  if (id === 10) {
    const hash = createHash('sha256');
    return { update: (piece) => void hash.update(piece), digest: () => hash.digest() };
  }
  return { update: () => {}, digest: () => Buffer.alloc(0) };
}

/** The filter looks ahead, so the last bytes of a piece wait for the next. */
function* unfilterX86(pieces: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  const filter = newX86Filter();
  let rest: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const final = undoX86(filter, bytes);
    yield bytes.subarray(0, final);
    rest = bytes.subarray(final);
  }
  if (rest.length > 0) yield rest;
}
