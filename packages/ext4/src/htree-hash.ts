// The hash of names in large directories: half MD4 with the file system's seed, names taken as unsigned bytes
// (Documentation/filesystems/ext4, "Hash Tree Directories"; kernel fs/ext4/hash.c).

const K2 = 0x5a827999;
const K3 = 0x6ed9eba1;
/** `EXT4_HTREE_EOF_32BIT << 1` ends a directory stream, so no name may hash to it. */
const END_OF_STREAM = 0xfffffffe;

type Mix = (x: number, y: number, z: number) => number;

const f: Mix = (x, y, z) => z ^ (x & (y ^ z));
const g: Mix = (x, y, z) => ((x & y) + ((x ^ y) & z)) | 0;
const h: Mix = (x, y, z) => x ^ y ^ z;

/** The three rounds: how bits are mixed, what is added, the order of the words, the shifts of every four steps. */
const ROUNDS = [
  { mix: f, constant: 0, words: [0, 1, 2, 3, 4, 5, 6, 7], shifts: [3, 7, 11, 19] },
  { mix: g, constant: K2, words: [1, 3, 5, 7, 0, 2, 4, 6], shifts: [3, 5, 9, 13] },
  { mix: h, constant: K3, words: [3, 7, 2, 6, 1, 5, 0, 4], shifts: [3, 9, 11, 15] },
] as const;

function transform(buffer: Int32Array, input: Int32Array): void {
  let a = buffer[0] ?? 0;
  let b = buffer[1] ?? 0;
  let c = buffer[2] ?? 0;
  let d = buffer[3] ?? 0;
  for (const { mix, constant, words, shifts } of ROUNDS) {
    for (let step = 0; step < 8; step++) {
      const sum = (a + mix(b, c, d) + (input[words[step] ?? 0] ?? 0) + constant) | 0;
      const shift = shifts[step & 3] ?? 0;
      a = d;
      d = c;
      c = b;
      b = (sum << shift) | (sum >>> (32 - shift));
    }
  }
  buffer[0] = (buffer[0] ?? 0) + a;
  buffer[1] = (buffer[1] ?? 0) + b;
  buffer[2] = (buffer[2] ?? 0) + c;
  buffer[3] = (buffer[3] ?? 0) + d;
}

/** Up to 32 bytes of a name as eight words, filled up with its remaining length. */
function nameWords(name: Uint8Array, start: number, input: Int32Array): void {
  const length = name.length - start;
  let pad = length | (length << 8);
  pad |= pad << 16;
  input.fill(pad);
  let value = pad;
  const taken = Math.min(length, 32);
  for (let at = 0; at < taken; at++) {
    value = (name[start + at] ?? 0) + (value << 8);
    if (at % 4 === 3) {
      input[at >> 2] = value;
      value = pad;
    }
  }
  if (taken < 32 && taken % 4 !== 0) input[taken >> 2] = value;
}

/** Seed words of a superblock's 16 bytes; all zeros stand for MD4's own start values. */
function seedWords(seed: Uint8Array): Int32Array {
  const view = new DataView(seed.buffer, seed.byteOffset, 16);
  const words = Int32Array.from([0, 4, 8, 12], (offset) => view.getInt32(offset, true));
  if (words.every((word) => word === 0)) words.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  return words;
}

/** A function that gives the hash a name is sorted by: unsigned and always even. */
export function createNameHash(seed: Uint8Array): (name: Uint8Array) => number {
  const start = seedWords(seed);
  const buffer = new Int32Array(4);
  const input = new Int32Array(8);
  return (name) => {
    buffer.set(start);
    for (let at = 0; at < name.length; at += 32) {
      nameWords(name, at, input);
      transform(buffer, input);
    }
    const hash = ((buffer[1] ?? 0) & ~1) >>> 0;
    return hash === END_OF_STREAM ? END_OF_STREAM - 2 : hash;
  };
}
