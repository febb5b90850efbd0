// What Cloud Hypervisor needs of the host's files: itself, and where it is not linked statically, shared libraries.
import { open } from 'node:fs/promises';
import type { RuntimePath } from '../port.ts';
import { runtimePaths } from '../runtime-paths.ts';

/** Where distributions keep libraries and their loader; what is missing is passed over. */
const LIBRARIES: readonly string[] = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache'];

/** The program headers of an ELF file are at its beginning (elf(5)). */
const HEAD_BYTES = 4096;
const E_PHOFF = 32;
const E_PHENTSIZE = 54;
const E_PHNUM = 56;
const PT_INTERP = 3;

/** Paths that a jailed Cloud Hypervisor needs. @param binary absolute path of the program, links resolved */
export async function cloudHypervisorRuntime(binary: string): Promise<readonly RuntimePath[]> {
  return runtimePaths([binary, ...((await namesLoader(binary)) ? LIBRARIES : [])]);
}

/** Whether an ELF file of 64 bits, little-endian, names a program that loads its libraries. */
async function namesLoader(binary: string): Promise<boolean> {
  await using file = await open(binary, 'r');
  const { buffer: head, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  if (bytesRead < HEAD_BYTES || !head.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) return true;
  const [start, size] = [Number(head.readBigUInt64LE(E_PHOFF)), head.readUInt16LE(E_PHENTSIZE)];
  const count = head.readUInt16LE(E_PHNUM);
  if (start + size * count > HEAD_BYTES) return true;
  return Array.from({ length: count }, (_, index) => head.readUInt32LE(start + size * index)).includes(
    PT_INTERP,
  );
}
