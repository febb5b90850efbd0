// Decodes LZ4's legacy frame, which `lz4 -l` writes and kernels packed with lz4 hold.
// Source: lz4_Frame_format.md ("Legacy frame") and lz4_Block_format.md of the lz4 project.
import { corrupt } from './corrupt.ts';

export const LZ4_LEGACY_MAGIC = Buffer.from([0x02, 0x21, 0x4c, 0x18]);

/** "Legacy frame: … blocks of 8 MB uncompressed". */
const BLOCK_BYTES = 8 << 20;
const MIN_MATCH = 4;
const LONG_LENGTH = 15;

/**
 * Decodes the blocks behind the magic, one piece each. A frame has no end mark: it ends with the input, or where
 * what follows cannot be a block's length.
 * @throws IgniteError `kernels/corrupt`
 */
export function* decodeLz4Legacy(input: Uint8Array): Generator<Uint8Array, void> {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  if (!bytes.subarray(0, 4).equals(LZ4_LEGACY_MAGIC)) throw corrupt('lz4', 'no legacy header');
  let at = 4;
  while (at + 4 <= bytes.length) {
    const size = bytes.readUInt32LE(at);
    at += 4;
    if (size === 0 || at + size > bytes.length) {
      if (at === 8) throw corrupt('lz4', 'it ends early');
      return;
    }
    yield decodeBlock(bytes.subarray(at, at + size));
    at += size;
  }
}

function decodeBlock(input: Buffer): Uint8Array {
  const output = Buffer.allocUnsafe(BLOCK_BYTES);
  const cursor = { at: 0 };
  let written = 0;
  for (;;) {
    const token = input[cursor.at];
    if (token === undefined) throw corrupt('lz4', 'a block ends early');
    cursor.at += 1;
    const literals = readLength(input, cursor, token >> 4);
    if (cursor.at + literals > input.length || written + literals > BLOCK_BYTES) {
      throw corrupt('lz4', 'literals beyond the end of a block');
    }
    input.copy(output, written, cursor.at, cursor.at + literals);
    written += literals;
    cursor.at += literals;
    if (cursor.at === input.length) return output.subarray(0, written);
    written = copyMatch(input, cursor, output, written, token & 15);
  }
}

function copyMatch(
  input: Buffer,
  cursor: { at: number },
  output: Buffer,
  written: number,
  nibble: number,
): number {
  if (cursor.at + 2 > input.length) throw corrupt('lz4', 'a block ends early');
  const distance = input.readUInt16LE(cursor.at);
  cursor.at += 2;
  const end = written + readLength(input, cursor, nibble) + MIN_MATCH;
  if (distance === 0 || distance > written) throw corrupt('lz4', 'a match before the beginning');
  if (end > BLOCK_BYTES) throw corrupt('lz4', 'a match beyond the end of a block');
  for (let to = written; to < end; to += 1) output[to] = output[to - distance] ?? 0;
  return end;
}

function readLength(input: Buffer, cursor: { at: number }, nibble: number): number {
  let length = nibble;
  if (nibble !== LONG_LENGTH) return length;
  for (;;) {
    const byte = input[cursor.at];
    if (byte === undefined) throw corrupt('lz4', 'a block ends early');
    cursor.at += 1;
    length += byte;
    if (byte !== 255) return length;
  }
}
