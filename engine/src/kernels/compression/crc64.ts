// CRC-64 as xz uses it (ECMA-182, reflected), four bytes a step, on pairs of 32-bit integers since BigInt is thirty
// times slower.

const STEP = 4;
const TABLES = makeTables();

/** A running CRC-64; both halves inverted, as between pieces. */
interface Crc64 {
  low: number;
  high: number;
}

/** The CRC of no bytes. */
export function newCrc64(): Crc64 {
  return { low: -1, high: -1 };
}

/** Adds bytes to a running CRC. */
export function updateCrc64(crc: Crc64, bytes: Uint8Array): void {
  const { lows, highs } = TABLES;
  let { low, high } = crc;
  let at = 0;
  for (const end = bytes.length - (bytes.length % STEP); at < end; at += STEP) {
    const word =
      low ^
      ((bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24));
    // table n is for a byte with n bytes behind it
    const a = 0x300 + (word & 0xff);
    const b = 0x200 + ((word >>> 8) & 0xff);
    const c = 0x100 + ((word >>> 16) & 0xff);
    const d = word >>> 24;
    low = high ^ (lows[a] ?? 0) ^ (lows[b] ?? 0) ^ (lows[c] ?? 0) ^ (lows[d] ?? 0);
    high = (highs[a] ?? 0) ^ (highs[b] ?? 0) ^ (highs[c] ?? 0) ^ (highs[d] ?? 0);
  }
  for (; at < bytes.length; at += 1) {
    const index = (low ^ (bytes[at] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0);
    high = (high >>> 8) ^ (highs[index] ?? 0);
  }
  crc.low = low;
  crc.high = high;
}

/** The eight bytes as they stand in an xz file, little endian. */
export function crc64Bytes(crc: Crc64): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(~crc.low, 0);
  bytes.writeInt32LE(~crc.high, 4);
  return bytes;
}

/** Four tables of 256, one behind the other: entry [n][byte] is the CRC of `byte` followed by n zero bytes. */
function makeTables(): { readonly lows: Int32Array; readonly highs: Int32Array } {
  const polynomial = 0xc96c5795d7870f42n;
  const lows = new Int32Array(STEP * 256);
  const highs = new Int32Array(STEP * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let zeros = 0; zeros < STEP; zeros += 1) {
      for (let bit = 0; bit < 8; bit += 1) value = (value >> 1n) ^ (value & 1n ? polynomial : 0n);
      lows[zeros * 256 + byte] = Number(value & 0xffffffffn);
      highs[zeros * 256 + byte] = Number(value >> 32n);
    }
  }
  return { lows, highs };
}
