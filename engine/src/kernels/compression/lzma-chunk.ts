// Decodes LZMA symbols (literals, matches, repeats) of one LZMA2 chunk into a window.
// Source: LZMA specification (lzma-specification.txt, 7-zip.org), sections "LZMA algorithm" and "state machine".
import { corrupt } from './corrupt.ts';
import {
  decodeBit,
  decodeDirect,
  decodeLiteral,
  decodeMatchedLiteral,
  decodeReverseTree,
  decodeTree,
  HALF,
  type RangeDecoder,
} from './range-decoder.ts';

// Where each group of probabilities begins.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + 12 * 16;
const IS_REP_G0 = IS_REP + 12;
const IS_REP_G1 = IS_REP_G0 + 12;
const IS_REP_G2 = IS_REP_G1 + 12;
const IS_REP0_LONG = IS_REP_G2 + 12;
const SLOT = IS_REP0_LONG + 12 * 16;
const SPECIAL = SLOT + 4 * 64;
const ALIGN = SPECIAL + 128;
const MATCH_LENGTH = ALIGN + 16;
const LENGTH_SIZE = 2 + 16 * 8 + 16 * 8 + 256;
const REP_LENGTH = MATCH_LENGTH + LENGTH_SIZE;
const LITERAL = REP_LENGTH + LENGTH_SIZE;
const LITERAL_SIZE = 0x300;
/** LZMA2 allows lc + lp up to 4. */
const PROBABILITIES = LITERAL + (LITERAL_SIZE << 4);

/** Bytes decoded so far that later matches may name. */
export interface Window {
  bytes: Uint8Array;
  /** Where the next byte goes. */
  at: number;
  /** Where the dictionary began, on the same scale; negative once the window has slid. */
  origin: number;
  /** Longest distance that the stream may use. */
  readonly dictionaryBytes: number;
}

/** What lasts from chunk to chunk. */
export interface LzmaState {
  readonly probs: Uint16Array;
  lc: number;
  lpMask: number;
  pbMask: number;
  state: number;
  reps: [number, number, number, number];
}

/** The state at the beginning of a stream. */
export function newLzmaState(): LzmaState {
  return {
    probs: new Uint16Array(PROBABILITIES).fill(HALF),
    lc: 0,
    lpMask: 0,
    pbMask: 0,
    state: 0,
    reps: [0, 0, 0, 0],
  };
}

/** Resets probabilities and history, and keeps the properties (LZMA2, state reset). */
export function resetState(lzma: LzmaState): void {
  lzma.probs.fill(HALF);
  lzma.state = 0;
  lzma.reps = [0, 0, 0, 0];
}

/** The properties byte: (pb × 5 + lp) × 9 + lc, with lc + lp ≤ 4 in LZMA2. */
export function setProperties(lzma: LzmaState, byte: number): void {
  const lc = byte % 9;
  const lp = Math.floor(byte / 9) % 5;
  const pb = Math.floor(byte / 45);
  if (pb > 4 || lc + lp > 4) throw corrupt('xz', `LZMA properties ${byte}`);
  lzma.lc = lc;
  lzma.lpMask = (1 << lp) - 1;
  lzma.pbMask = (1 << pb) - 1;
}

/** Decodes until the window holds `limit` bytes; a match may not reach beyond. */
export function decodeChunk(lzma: LzmaState, rc: RangeDecoder, window: Window, limit: number): void {
  const probs = lzma.probs;
  while (window.at < limit) {
    const posState = (window.at - window.origin) & lzma.pbMask;
    const state = lzma.state;
    if (decodeBit(rc, probs, IS_MATCH + (state << 4) + posState) === 0) {
      putLiteral(lzma, rc, window);
      continue;
    }
    const length =
      decodeBit(rc, probs, IS_REP + state) === 0
        ? decodeMatch(lzma, rc, posState)
        : decodeRepeat(lzma, rc, posState);
    copyMatch(window, lzma.reps[0], length, limit);
  }
}

function putLiteral(lzma: LzmaState, rc: RangeDecoder, window: Window): void {
  const { bytes, at, origin } = window;
  const position = at - origin;
  const previous = position > 0 ? (bytes[at - 1] ?? 0) : 0;
  const context = ((position & lzma.lpMask) << lzma.lc) + (previous >>> (8 - lzma.lc));
  const base = LITERAL + LITERAL_SIZE * context;
  const state = lzma.state;
  if (state < 7) {
    bytes[at] = decodeLiteral(rc, lzma.probs, base);
  } else {
    const matchByte = bytes[at - lzma.reps[0] - 1] ?? 0;
    bytes[at] = decodeMatchedLiteral(rc, lzma.probs, base, matchByte);
  }
  window.at = at + 1;
  lzma.state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
}

/** A match with a new distance; returns its length. */
function decodeMatch(lzma: LzmaState, rc: RangeDecoder, posState: number): number {
  const length = decodeLength(rc, lzma.probs, MATCH_LENGTH, posState);
  const reps = lzma.reps;
  reps[3] = reps[2];
  reps[2] = reps[1];
  reps[1] = reps[0];
  reps[0] = decodeDistance(rc, lzma.probs, length);
  lzma.state = lzma.state < 7 ? 7 : 10;
  return length;
}

/** A match with one of the last four distances, which becomes the first; returns its length. */
function decodeRepeat(lzma: LzmaState, rc: RangeDecoder, posState: number): number {
  const { probs, reps, state } = lzma;
  if (decodeBit(rc, probs, IS_REP_G0 + state) === 0) {
    if (decodeBit(rc, probs, IS_REP0_LONG + (state << 4) + posState) === 0) {
      lzma.state = state < 7 ? 9 : 11;
      return 1;
    }
  } else {
    let distance = reps[1];
    if (decodeBit(rc, probs, IS_REP_G1 + state) === 1) {
      distance = reps[2];
      if (decodeBit(rc, probs, IS_REP_G2 + state) === 1) {
        distance = reps[3];
        reps[3] = reps[2];
      }
      reps[2] = reps[1];
    }
    reps[1] = reps[0];
    reps[0] = distance;
  }
  lzma.state = state < 7 ? 8 : 11;
  return decodeLength(rc, probs, REP_LENGTH, posState);
}

/** A length of 2 to 273. */
function decodeLength(rc: RangeDecoder, probs: Uint16Array, base: number, posState: number): number {
  if (decodeBit(rc, probs, base) === 0) return 2 + decodeTree(rc, probs, base + 2 + (posState << 3), 3);
  if (decodeBit(rc, probs, base + 1) === 0) {
    return 10 + decodeTree(rc, probs, base + 2 + 128 + (posState << 3), 3);
  }
  return 18 + decodeTree(rc, probs, base + 2 + 256, 8);
}

/** Distance less one, so 0 is the byte before. */
function decodeDistance(rc: RangeDecoder, probs: Uint16Array, length: number): number {
  const slot = decodeTree(rc, probs, SLOT + (Math.min(length - 2, 3) << 6), 6);
  if (slot < 4) return slot;
  const bits = (slot >> 1) - 1;
  const high = (2 | (slot & 1)) << bits;
  if (slot < 14) return high + decodeReverseTree(rc, probs, SPECIAL + high - slot, bits);
  const middle = decodeDirect(rc, bits - 4) << 4;
  return ((high | middle) >>> 0) + decodeReverseTree(rc, probs, ALIGN, 4);
}

function copyMatch(window: Window, distance: number, length: number, limit: number): void {
  const { bytes, at } = window;
  if (distance >= window.dictionaryBytes || distance >= at - window.origin) {
    throw corrupt('xz', 'a match before the beginning');
  }
  if (length > limit - at) throw corrupt('xz', 'a match beyond the end of its chunk');
  const end = at + length;
  const back = distance + 1;
  for (let to = at; to < end; to += 1) bytes[to] = bytes[to - back] ?? 0;
  window.at = end;
}
