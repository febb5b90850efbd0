// Reads the tables of 64-bit little-endian ELF files: kernels (program headers, notes) and modules (sections).
// Source: System V ABI, ELF-64 object file format.
import { corrupt } from './compression/index.ts';

interface ElfNote {
  readonly name: string;
  readonly type: number;
}

/** `e_machine`: EM_X86_64 and EM_AARCH64. */
const MACHINES: Readonly<Record<number, string>> = { 62: 'amd64', 183: 'arm64' };

const PT_NOTE = 4;
const SHT_NOBITS = 8;

/** Whether the beginning of a file is that of an ELF file. */
export function isElf(bytes: Buffer): boolean {
  return bytes.length >= 64 && bytes.readUInt32BE(0) === 0x7f454c46;
}

/** `amd64`, `arm64`, or `machine N`. @throws IgniteError `kernels/corrupt` for 32-bit or big-endian files */
export function elfArchitecture(bytes: Buffer): string {
  check64(bytes);
  const machine = bytes.readUInt16LE(18);
  return MACHINES[machine] ?? `machine ${machine}`;
}

/** The first section of a name; undefined where there is none. */
export function findSection(bytes: Buffer, name: string): Buffer | undefined {
  check64(bytes);
  const table = offset64(bytes, 40);
  const entrySize = bytes.readUInt16LE(58);
  const count = bytes.readUInt16LE(60);
  const namesIndex = bytes.readUInt16LE(62);
  if (count === 0 || entrySize < 64 || namesIndex >= count) return undefined;
  const header = (i: number) => range(bytes, table + i * entrySize, 64);
  const names = sectionBytes(bytes, header(namesIndex));
  for (let i = 0; i < count; i += 1) {
    const section = header(i);
    if (readName(names, section.readUInt32LE(0)) === name) return sectionBytes(bytes, section);
  }
  return undefined;
}

/** All notes of the PT_NOTE segments. */
export function readNotes(bytes: Buffer): readonly ElfNote[] {
  check64(bytes);
  const table = offset64(bytes, 32);
  const entrySize = bytes.readUInt16LE(54);
  const count = bytes.readUInt16LE(56);
  const notes: ElfNote[] = [];
  for (let i = 0; i < count && entrySize >= 56; i += 1) {
    const header = range(bytes, table + i * entrySize, 56);
    if (header.readUInt32LE(0) !== PT_NOTE) continue;
    notes.push(...parseNotes(range(bytes, offset64(header, 8), offset64(header, 32))));
  }
  return notes;
}

function* parseNotes(segment: Buffer): Generator<ElfNote> {
  let at = 0;
  while (at + 12 <= segment.length) {
    const nameSize = segment.readUInt32LE(at);
    const size = segment.readUInt32LE(at + 4);
    const type = segment.readUInt32LE(at + 8);
    if (at + 12 + nameSize > segment.length) return;
    yield { name: segment.toString('latin1', at + 12, at + 12 + Math.max(nameSize - 1, 0)), type };
    at += 12 + align4(nameSize) + align4(size);
  }
}

function align4(size: number): number {
  return Math.ceil(size / 4) * 4;
}

function check64(bytes: Buffer): void {
  if (!isElf(bytes) || bytes[4] !== 2 || bytes[5] !== 1)
    throw corrupt('ELF', 'it is no 64-bit little-endian file');
}

function offset64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

function range(bytes: Buffer, start: number, size: number): Buffer {
  if (start + size > bytes.length) throw corrupt('ELF', 'a table is beyond the end');
  return bytes.subarray(start, start + size);
}

function sectionBytes(bytes: Buffer, header: Buffer): Buffer {
  if (header.readUInt32LE(4) === SHT_NOBITS) return Buffer.alloc(0);
  return range(bytes, offset64(header, 24), offset64(header, 32));
}

function readName(names: Buffer, at: number): string {
  const end = names.indexOf(0, at);
  return names.toString('latin1', at, end < 0 ? names.length : end);
}
