// Undoes xz's x86 filter (BCJ), which the Linux kernel's own build puts before LZMA2: jump and call targets were
// made absolute so that they repeat. Source: xz file format 1.1.0, section 5.3.2; algorithm as in liblzma's x86.c.

/** The mask of which of the last bytes looked like opcodes → the byte of the target that they may have changed. */
const CHANGED_BYTE = [0, 1, 2, 2, 3];
/** Opcode and four bytes of target. */
const INSTRUCTION_BYTES = 5;

/** State between pieces of one stream. */
interface X86Filter {
  /** Address of the next byte to be filtered. */
  position: number;
  previousMask: number;
  /** Offset of the last opcode, relative to the next piece. */
  previous: number;
}

/** The state at the beginning of a stream. */
export function newX86Filter(): X86Filter {
  return { position: 0, previousMask: 0, previous: -INSTRUCTION_BYTES };
}

/**
 * Filters `bytes` in place and returns how many from the start are final; the caller gives the rest again at the
 * front of the next piece. At the end of the stream the rest is plain.
 */
export function undoX86(filter: X86Filter, bytes: Buffer): number {
  if (bytes.length < INSTRUCTION_BYTES) return 0;
  const limit = bytes.length - INSTRUCTION_BYTES;
  let mask = filter.previousMask;
  let previous = filter.previous;
  if (previous < -INSTRUCTION_BYTES) previous = -INSTRUCTION_BYTES;
  let at = 0;
  while (at <= limit) {
    const opcode = bytes[at] ?? 0;
    if (opcode !== 0xe8 && opcode !== 0xe9) {
      at += 1;
      continue;
    }
    const offset = at - previous;
    previous = at;
    if (offset > INSTRUCTION_BYTES) mask = 0;
    else for (let i = 0; i < offset; i += 1) mask = (mask & 0x77) << 1;
    const high = bytes[at + 4] ?? 0;
    if (isEnd(high) && mask >> 1 <= 4 && mask >> 1 !== 3) {
      bytes.writeInt32LE(convert(bytes.readInt32LE(at + 1), filter.position + at, mask), at + 1);
      at += INSTRUCTION_BYTES;
      mask = 0;
    } else {
      at += 1;
      mask |= isEnd(high) ? 0x11 : 0x01;
    }
  }
  filter.previousMask = mask;
  filter.previous = previous - at;
  filter.position = (filter.position + at) >>> 0;
  return at;
}

/** The highest byte of a target within 16 MiB either way. */
function isEnd(byte: number): boolean {
  return byte === 0 || byte === 0xff;
}

function convert(absolute: number, address: number, mask: number): number {
  let source = absolute;
  for (;;) {
    const target = (source - (address + INSTRUCTION_BYTES)) | 0;
    if (mask === 0) return extend(target);
    const index = CHANGED_BYTE[mask >> 1] ?? 0;
    if (!isEnd((target >>> (24 - index * 8)) & 0xff)) return extend(target);
    source = target ^ ((1 << (32 - index * 8)) - 1);
  }
}

/** Keeps 25 bits with the sign of bit 24. */
function extend(target: number): number {
  return (target & 0x01ffffff) | (0 - (target & 0x01000000));
}
