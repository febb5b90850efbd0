// CRC-64 as xz uses it (ECMA-182, reflected), on pairs of 32-bit integers since BigInt is thirty times slower.

const TABLES = makeTables();

/** A running CRC-64; both halves inverted, as between pieces. */
export interface Crc64 {
  low: number;
  high: number;
}

export function newCrc64(): Crc64 {
  return { low: -1, high: -1 };
}

export function updateCrc64(crc: Crc64, bytes: Uint8Array): void {
  const { lows, highs } = TABLES;
  let { low, high } = crc;
  for (let i = 0; i < bytes.length; i += 1) {
    const index = (low ^ (bytes[i] ?? 0)) & 0xff;
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

function makeTables(): { readonly lows: Int32Array; readonly highs: Int32Array } {
  const polynomial = 0xc96c5795d7870f42n;
  const lows = new Int32Array(256);
  const highs = new Int32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = (value >> 1n) ^ (value & 1n ? polynomial : 0n);
    lows[byte] = Number(value & 0xffffffffn);
    highs[byte] = Number(value >> 32n);
  }
  return { lows, highs };
}
