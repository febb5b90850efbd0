// LZMA's binary arithmetic decoder. All values are kept as signed 32-bit integers, which V8 holds without boxing;
// `>>> 0` makes them unsigned where they are compared. Source: LZMA specification (lzma-specification.txt, 7-zip.org).

/** Position and state in the compressed bytes of one chunk. */
export interface RangeDecoder {
  input: Uint8Array;
  at: number;
  range: number;
  code: number;
}

/** A probability of one half, of 2048. */
export const HALF = 1024;

const TOTAL_BITS = 11;
const TOTAL = 1 << TOTAL_BITS;
const MOVE_BITS = 5;
/** Bytes that a chunk's decoder reads before the first bit. */
const START_BYTES = 5;

/** Reads the five first bytes; false where they cannot be a start. */
export function startRange(rc: RangeDecoder): boolean {
  const input = rc.input;
  const first = input[rc.at];
  rc.range = -1;
  rc.code = 0;
  for (let i = 1; i < START_BYTES; i += 1) rc.code = (rc.code << 8) | (input[rc.at + i] ?? 0);
  rc.at += START_BYTES;
  return first === 0;
}

/** One bit with the adaptive probability `probs[index]`. */
export function decodeBit(rc: RangeDecoder, probs: Uint16Array, index: number): number {
  let range = rc.range;
  let code = rc.code;
  if (range >>> 24 === 0) {
    range <<= 8;
    code = (code << 8) | (rc.input[rc.at] ?? 0);
    rc.at += 1;
  }
  const p = probs[index] ?? HALF;
  const bound = Math.imul(range >>> TOTAL_BITS, p);
  if (code >>> 0 < bound >>> 0) {
    probs[index] = p + ((TOTAL - p) >>> MOVE_BITS);
    rc.range = bound;
    rc.code = code;
    return 0;
  }
  probs[index] = p - (p >>> MOVE_BITS);
  rc.range = (range - bound) | 0;
  rc.code = (code - bound) | 0;
  return 1;
}

/** `bits` bits, highest first; the tree of probabilities starts at `base` (its entry 0 is unused). */
export function decodeTree(rc: RangeDecoder, probs: Uint16Array, base: number, bits: number): number {
  const end = 1 << bits;
  return decodeSymbol(rc, probs, base, end) - end;
}

/** As decodeTree, lowest bit first. */
export function decodeReverseTree(rc: RangeDecoder, probs: Uint16Array, base: number, bits: number): number {
  let symbol = 1;
  let value = 0;
  for (let i = 0; i < bits; i += 1) {
    const bit = decodeBit(rc, probs, base + symbol);
    symbol = (symbol << 1) | bit;
    value |= bit << i;
  }
  return value;
}

/** `count` bits of probability one half, highest first. */
export function decodeDirect(rc: RangeDecoder, count: number): number {
  let range = rc.range;
  let code = rc.code;
  let value = 0;
  for (let i = 0; i < count; i += 1) {
    if (range >>> 24 === 0) {
      range <<= 8;
      code = (code << 8) | (rc.input[rc.at] ?? 0);
      rc.at += 1;
    }
    range >>>= 1;
    if (code >>> 0 >= range >>> 0) {
      code = (code - range) | 0;
      value = (value << 1) | 1;
    } else {
      value <<= 1;
    }
  }
  rc.range = range | 0;
  rc.code = code;
  return value;
}

/** A literal of one context: 0x300 probabilities from `base`, of which the first 0x100 are used here. */
export function decodeLiteral(rc: RangeDecoder, probs: Uint16Array, base: number): number {
  return decodeSymbol(rc, probs, base, 0x100) & 0xff;
}

/** Walks a tree of probabilities until `end`. The state is kept in variables: this loop takes most of the time. */
function decodeSymbol(rc: RangeDecoder, probs: Uint16Array, base: number, end: number): number {
  const input = rc.input;
  let { range, code, at } = rc;
  let symbol = 1;
  while (symbol < end) {
    if (range >>> 24 === 0) {
      range <<= 8;
      code = (code << 8) | (input[at] ?? 0);
      at += 1;
    }
    const index = base + symbol;
    const p = probs[index] ?? HALF;
    const bound = Math.imul(range >>> TOTAL_BITS, p);
    if (code >>> 0 < bound >>> 0) {
      probs[index] = p + ((TOTAL - p) >>> MOVE_BITS);
      range = bound;
      symbol <<= 1;
    } else {
      probs[index] = p - (p >>> MOVE_BITS);
      range = (range - bound) | 0;
      code = (code - bound) | 0;
      symbol = (symbol << 1) | 1;
    }
  }
  rc.range = range;
  rc.code = code;
  rc.at = at;
  return symbol;
}

/** A literal after a match: the byte that the match would have given steers the context while it agrees. */
export function decodeMatchedLiteral(
  rc: RangeDecoder,
  probs: Uint16Array,
  base: number,
  matchByte: number,
): number {
  let symbol = 1;
  let match = matchByte;
  while (symbol < 0x100) {
    const matchBit = (match >>> 7) & 1;
    match <<= 1;
    const bit = decodeBit(rc, probs, base + ((1 + matchBit) << 8) + symbol);
    symbol = (symbol << 1) | bit;
    if (matchBit !== bit) break;
  }
  while (symbol < 0x100) symbol = (symbol << 1) | decodeBit(rc, probs, base + symbol);
  return symbol & 0xff;
}
