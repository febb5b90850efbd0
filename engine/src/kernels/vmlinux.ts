// Turns whatever a kernel file is (ELF, bzImage, arm64 Image, packed or not) into what a VMM starts, and reads what
// it says about itself.
import { IgniteError } from '@ignite/api';
import { extractVmlinux, isBzImage } from './bzimage.ts';
import { decompress, detectCompression } from './compression/index.ts';
import { elfArchitecture, isElf, readNotes } from './elf.ts';

interface KernelBinary {
  /** ELF vmlinux on amd64, raw Image on arm64 (booting.rst). */
  readonly bytes: Buffer;
  readonly architecture: string;
  /** `6.1.0-56-cloud-amd64` */
  readonly version: string;
  /** Has the entry that QEMU and Firecracker use to skip real mode. */
  readonly pvh: boolean;
}

/** Xen's public/elfnote.h: the entry point of the PVH boot ABI. */
const XEN_ELFNOTE_PHYS32_ENTRY = 18;
const MAX_KERNEL = 512 << 20;
const BANNER = Buffer.from('Linux version ', 'latin1');
/** "ARM\x64", Documentation/arch/arm64/booting.rst. */
const ARM64_MAGIC_AT = 56;
const ARM64_MAGIC = 0x644d5241;

/**
 * Reads a kernel file. Pure: bytes in, bytes out, so a worker can do it.
 * @throws IgniteError `kernels/not-a-kernel`, `kernels/corrupt`, `kernels/unsupported-compression`
 */
export function readKernel(file: Buffer, name: string): KernelBinary {
  if (isBzImage(file)) return describe(extractVmlinux(file), name);
  if (isElf(file) || isArm64Image(file)) return describe(file, name);
  const compression = detectCompression(file);
  if (compression !== undefined) return describe(decompress(file, compression, MAX_KERNEL), name);
  throw notKernel(name, 'it is neither ELF nor bzImage');
}

function describe(bytes: Buffer, name: string): KernelBinary {
  const version = findVersion(bytes);
  if (version === undefined) throw notKernel(name, 'it has no "Linux version" in it');
  if (isArm64Image(bytes)) return { bytes, architecture: 'arm64', version, pvh: false };
  if (!isElf(bytes)) throw notKernel(name, 'what is packed in it is no ELF file');
  const pvh = readNotes(bytes).some((note) => note.name === 'Xen' && note.type === XEN_ELFNOTE_PHYS32_ENTRY);
  return { bytes, architecture: elfArchitecture(bytes), version, pvh };
}

/** The word behind "Linux version " in the banner (init/version.c), which is what `uname -r` prints. */
function findVersion(bytes: Buffer): string | undefined {
  for (let at = bytes.indexOf(BANNER); at >= 0; at = bytes.indexOf(BANNER, at + 1)) {
    const text = bytes.toString('latin1', at + BANNER.length, at + BANNER.length + 128);
    // release names are limited to 64 bytes (include/linux/utsname.h); the format string "%s" is no version
    const version = /^(\d[\w.+~-]{0,63}) /.exec(text)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}

function isArm64Image(bytes: Buffer): boolean {
  return bytes.length > 64 && bytes.readUInt32LE(ARM64_MAGIC_AT) === ARM64_MAGIC;
}

function notKernel(name: string, why: string): IgniteError {
  return new IgniteError('kernels/not-a-kernel', `${name} is not a Linux kernel: ${why}`, {
    stage: 'kernel',
    details: { file: name },
  });
}
