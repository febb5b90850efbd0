// Numbers in tar headers: octal text (POSIX ustar) or base-256 (GNU, star) when the first byte's high bit is set.

/** Base-256, big-endian two's complement; bit 0x40 of the first byte is the sign (GNU tar manual, "Extensions"). */
function parseBase256(block: Buffer, start: number, length: number): number | undefined {
  const first = block[start] ?? 0;
  const negative = (first & 0x40) !== 0;
  let value = negative ? (first & 0x7f) - 0x80 : first & 0x3f;
  for (let at = start + 1; at < start + length; at++) value = value * 256 + (block[at] ?? 0);
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * The number in a header field: leading spaces, octal digits, then NUL or space; an empty field is 0.
 * Undefined if it is none or beyond 2^53.
 */
export function parseNumber(block: Buffer, start: number, length: number): number | undefined {
  if (((block[start] ?? 0) & 0x80) !== 0) return parseBase256(block, start, length);
  const end = start + length;
  let at = start;
  while (at < end && (block[at] === 0x20 || block[at] === 0)) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; at < end; at++) if (block[at] !== 0 && block[at] !== 0x20) return undefined;
  return value;
}

/** Whether `value` can be written as octal text into a field of `length` bytes, the last being NUL. */
export function fitsOctal(value: number, length: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 8 ** (length - 1);
}

/** Octal digits, zero-padded, NUL at the end. The value must fit. */
export function writeOctal(block: Buffer, start: number, length: number, value: number): void {
  block.write(value.toString(8).padStart(length - 1, '0'), start, length - 1, 'latin1');
}
