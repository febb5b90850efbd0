// CRC-32C (Castagnoli: reflected, polynomial 0x82F63B78, RFC 3720 section 12.1), the check of the link's preamble, of journal
// lines and of ext4's structures. Eight bytes a step ("slicing by 8").

function makeTables(): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] ?? 0;
    tables[at] = (before >>> 8) ^ (tables[before & 255] ?? 0);
  }
  return tables;
}

const TABLES = makeTables();

/** CRC-32C of `bytes` as an unsigned number (RFC 3720, appendix B.4 has test vectors). */
export function crc32c(bytes: Uint8Array): number {
  return ~extendCrc32c(0xffffffff, bytes) >>> 0;
}

/**
 * Continues `crc` (start with 0xFFFFFFFF) over `bytes[start, end)`, without the inversion at the end, which ext4 leaves out (kernel
 * Documentation/filesystems/ext4, "Checksums"); the result is an unsigned number.
 */
export function extendCrc32c(crc: number, bytes: Uint8Array, start = 0, end = bytes.length): number {
  const t = TABLES;
  let value = crc | 0;
  let at = start;
  for (const fast = end - 7; at < fast; at += 8) {
    const low =
      value ^
      ((bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24));
    value =
      (t[0x700 | (low & 255)] ?? 0) ^
      (t[0x600 | ((low >>> 8) & 255)] ?? 0) ^
      (t[0x500 | ((low >>> 16) & 255)] ?? 0) ^
      (t[0x400 | (low >>> 24)] ?? 0) ^
      (t[0x300 | (bytes[at + 4] ?? 0)] ?? 0) ^
      (t[0x200 | (bytes[at + 5] ?? 0)] ?? 0) ^
      (t[0x100 | (bytes[at + 6] ?? 0)] ?? 0) ^
      (t[bytes[at + 7] ?? 0] ?? 0);
  }
  for (; at < end; at++) value = (value >>> 8) ^ (t[(value ^ (bytes[at] ?? 0)) & 255] ?? 0);
  return value >>> 0;
}

/** Continues `crc` over a number as four little-endian bytes. */
export function extendCrc32cUint32(crc: number, number: number): number {
  let value = crc | 0;
  for (let shift = 0; shift < 32; shift += 8) {
    value = (value >>> 8) ^ (TABLES[(value ^ (number >>> shift)) & 255] ?? 0);
  }
  return value >>> 0;
}
