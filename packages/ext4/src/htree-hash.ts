// The hash of names in large directories: half MD4 with the file system's seed, names taken as unsigned bytes
// (Documentation/filesystems/ext4, "Hash Tree Directories"; kernel fs/ext4/hash.c).

const K2 = 0x5a827999;
const K3 = 0x6ed9eba1;
/** `EXT4_HTREE_EOF_32BIT << 1` ends a directory stream, so no name may hash to it. */
const END_OF_STREAM = 0xfffffffe;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
const f = (x: number, y: number, z: number): number => z ^ (x & (y ^ z));
const g = (x: number, y: number, z: number): number => ((x & y) + ((x ^ y) & z)) | 0;
const h = (x: number, y: number, z: number): number => x ^ y ^ z;

type Mix = (x: number, y: number, z: number) => number;

/** Four steps; `state` turns so that after four it stands as before. */
function quarter(state: Int32Array, mix: Mix, words: readonly number[], shifts: readonly number[]): void {
  for (let step = 0; step < 4; step++) {
    const [a = 0, b = 0, c = 0, d = 0] = state;
    const mixed = rotate((a + mix(b, c, d) + (words[step] ?? 0)) | 0, shifts[step] ?? 0);
    state[0] = d;
    state[1] = mixed;
    state[2] = b;
    state[3] = c;
  }
}

function transform(buffer: Int32Array, input: Int32Array): void {
  const state = Int32Array.from(buffer);
  const words = (constant: number, ...indexes: number[]): number[] =>
    indexes.map((index) => ((input[index] ?? 0) + constant) | 0);
  quarter(state, f, words(0, 0, 1, 2, 3), [3, 7, 11, 19]);
  quarter(state, f, words(0, 4, 5, 6, 7), [3, 7, 11, 19]);
  quarter(state, g, words(K2, 1, 3, 5, 7), [3, 5, 9, 13]);
  quarter(state, g, words(K2, 0, 2, 4, 6), [3, 5, 9, 13]);
  quarter(state, h, words(K3, 3, 7, 2, 6), [3, 9, 11, 15]);
  quarter(state, h, words(K3, 1, 5, 0, 4), [3, 9, 11, 15]);
  for (let at = 0; at < 4; at++) buffer[at] = (buffer[at] ?? 0) + (state[at] ?? 0);
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
export function hashSeedWords(seed: Uint8Array): Int32Array {
  const view = new DataView(seed.buffer, seed.byteOffset, 16);
  const words = Int32Array.from([0, 4, 8, 12], (offset) => view.getInt32(offset, true));
  if (words.every((word) => word === 0)) words.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  return words;
}

/** The hash a name is sorted by (always even) and the minor hash, both unsigned. */
export function nameHash(
  name: Uint8Array,
  seed: Int32Array,
): { readonly major: number; readonly minor: number } {
  const buffer = Int32Array.from(seed);
  const input = new Int32Array(8);
  for (let start = 0; start < name.length; start += 32) {
    nameWords(name, start, input);
    transform(buffer, input);
  }
  const major = ((buffer[1] ?? 0) & ~1) >>> 0;
  return { major: major === END_OF_STREAM ? END_OF_STREAM - 2 : major, minor: (buffer[2] ?? 0) >>> 0 };
}
