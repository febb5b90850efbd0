// The LZMA2 container: chunks of LZMA or plain bytes. Source: xz file format 1.1.0, section 5.3.1, and the
// chunk header as described in the Linux kernel's lib/xz documentation and liblzma.
import { corrupt } from './corrupt.ts';
import {
  decodeChunk,
  type LzmaState,
  newLzmaState,
  resetState,
  setProperties,
  type Window,
} from './lzma-chunk.ts';
import { startRange } from './range-decoder.ts';

/** "2 MiB is the maximum uncompressed size of a chunk". */
const MAX_CHUNK = 2 << 20;

/** Most modules are small: the window begins so and grows with what comes out. */
const FIRST_WINDOW = 64 << 10;

/** Where the decoder stands in the whole input; moved on as chunks are read. */
export interface Cursor {
  readonly input: Uint8Array;
  at: number;
}

interface Chunk {
  readonly control: number;
  readonly size: number;
}

/**
 * Decodes LZMA2 chunks from the cursor to the end marker, one piece for each chunk.
 * A piece is valid until the next is asked for.
 */
export function* decodeLzma2(cursor: Cursor, dictionaryBytes: number): Generator<Uint8Array, void> {
  const window: Window = {
    bytes: new Uint8Array(FIRST_WINDOW),
    at: 0,
    origin: 0,
    dictionaryBytes,
  };
  const lzma = newLzmaState();
  let needDictionary = true;
  let needProperties = true;
  for (;;) {
    const chunk = readControl(cursor);
    if (chunk === undefined) return;
    const plain = chunk.control < 0x80;
    const resetsDictionary = plain ? chunk.control === 1 : chunk.control >= 0xe0;
    if (needDictionary && !resetsDictionary) throw corrupt('xz', 'the first chunk keeps a dictionary');
    if (!plain && needProperties && chunk.control < 0xc0) throw corrupt('xz', 'a chunk without properties');
    needDictionary = false;
    if (!plain) needProperties = false;
    if (resetsDictionary) window.origin = window.at;
    makeRoom(window, chunk.size);
    const start = window.at;
    if (plain) copyPlain(cursor, window, chunk.size);
    else decodePacked(cursor, lzma, window, chunk);
    yield window.bytes.subarray(start, window.at);
  }
}

/** Control byte and unpacked size; undefined is the end marker. */
function readControl(cursor: Cursor): Chunk | undefined {
  const { input, at } = cursor;
  const control = input[at];
  if (control === undefined) throw corrupt('xz', 'it ends early');
  cursor.at += 1;
  if (control === 0) return undefined;
  if (control > 2 && control < 0x80) throw corrupt('xz', `chunk control ${control}`);
  const size = (((input[at + 1] ?? 0) << 8) | (input[at + 2] ?? 0)) + 1;
  cursor.at += 2;
  return { control, size: control < 0x80 ? size : size + ((control & 0x1f) << 16) };
}

function copyPlain(cursor: Cursor, window: Window, size: number): void {
  const end = cursor.at + size;
  if (end > cursor.input.length) throw corrupt('xz', 'it ends early');
  window.bytes.set(cursor.input.subarray(cursor.at, end), window.at);
  window.at += size;
  cursor.at = end;
}

function decodePacked(cursor: Cursor, lzma: LzmaState, window: Window, chunk: Chunk): void {
  const { input } = cursor;
  const packed = (((input[cursor.at] ?? 0) << 8) | (input[cursor.at + 1] ?? 0)) + 1;
  cursor.at += 2;
  if (chunk.control >= 0xc0) {
    setProperties(lzma, input[cursor.at] ?? 0xff);
    cursor.at += 1;
  }
  if (chunk.control >= 0xa0) resetState(lzma);
  const end = cursor.at + packed;
  if (end > input.length) throw corrupt('xz', 'it ends early');
  const rc = { input, at: cursor.at, range: 0, code: 0 };
  if (!startRange(rc)) throw corrupt('xz', 'a chunk does not begin with zero');
  decodeChunk(lzma, rc, window, window.at + chunk.size);
  // the encoder's last normalisation may still be due
  if (rc.range >>> 24 === 0) rc.at += 1;
  if (rc.at !== end) throw corrupt('xz', 'a chunk has another length than it says');
  cursor.at = end;
}

/** Enlarges the window up to twice the dictionary, then slides the dictionary to the front. */
function makeRoom(window: Window, size: number): void {
  const needed = window.at + size;
  if (needed <= window.bytes.length) return;
  const largest = window.dictionaryBytes + Math.max(window.dictionaryBytes, 2 * MAX_CHUNK);
  if (needed <= largest) {
    const larger = new Uint8Array(Math.min(largest, Math.max(needed, 2 * window.bytes.length)));
    larger.set(window.bytes.subarray(0, window.at));
    window.bytes = larger;
    return;
  }
  const shift = window.at - window.dictionaryBytes;
  window.bytes.copyWithin(0, shift, window.at);
  window.at -= shift;
  window.origin -= shift;
}
