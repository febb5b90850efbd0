// Takes the uncompressed kernel out of an x86 bzImage (vmlinuz). Source: Documentation/arch/x86/boot.rst of Linux,
// "The Real-Mode Kernel Header".
import { IgniteError } from '@ignite/api';
import { corrupt, decompress, detectCompression } from './compression/index.ts';

const SETUP_SECTS = 0x1f1;
const BOOT_FLAG = 0x1fe;
const HEADER_MAGIC = 0x202;
const PROTOCOL_VERSION = 0x206;
const PAYLOAD_OFFSET = 0x248;
const PAYLOAD_LENGTH = 0x24c;
/** payload_offset is there since protocol 2.08. */
const MIN_PROTOCOL = 0x0208;
/** "If setup_sects is 0, the real value is 4". */
const DEFAULT_SETUP_SECTS = 4;
const SECTOR = 512;
/** The build puts the unpacked length behind the payload (scripts/Makefile.lib, size_append); gzip has its own. */
const SIZE_BYTES = 4;
/** No kernel comes near; a bomb would. */
const MAX_VMLINUX = 512 << 20;

/** Whether the beginning of a file is that of a bzImage (boot protocol 2.00 and later). */
export function isBzImage(bytes: Buffer): boolean {
  return (
    bytes.length > PAYLOAD_LENGTH + 4 &&
    bytes.readUInt16LE(BOOT_FLAG) === 0xaa55 &&
    bytes.toString('latin1', HEADER_MAGIC, HEADER_MAGIC + 4) === 'HdrS'
  );
}

/**
 * The vmlinux (ELF) inside a bzImage.
 * @throws IgniteError `kernels/unsupported-compression` naming it, `kernels/corrupt`
 */
export function extractVmlinux(bytes: Buffer): Buffer {
  const payload = findPayload(bytes);
  const compression = detectCompression(payload);
  if (compression === undefined) {
    throw new IgniteError(
      'kernels/unsupported-compression',
      `The kernel is packed in a way we do not know (it begins with ${payload.toString('hex', 0, 4)})`,
      { stage: 'kernel' },
    );
  }
  const packed = compression === 'gzip' ? payload : payload.subarray(0, payload.length - SIZE_BYTES);
  const vmlinux = decompress(packed, compression, MAX_VMLINUX);
  const expected = payload.readUInt32LE(payload.length - SIZE_BYTES);
  if (vmlinux.length !== expected) {
    throw corrupt('bzImage', `${vmlinux.length} bytes came out, ${expected} were promised`);
  }
  return vmlinux;
}

function findPayload(bytes: Buffer): Buffer {
  if (bytes.readUInt16LE(PROTOCOL_VERSION) < MIN_PROTOCOL) {
    throw corrupt('bzImage', 'its boot protocol is older than 2.08');
  }
  const setup = ((bytes[SETUP_SECTS] ?? 0) || DEFAULT_SETUP_SECTS) + 1;
  const start = setup * SECTOR + bytes.readUInt32LE(PAYLOAD_OFFSET);
  const end = start + bytes.readUInt32LE(PAYLOAD_LENGTH);
  if (end > bytes.length || end - start <= SIZE_BYTES)
    throw corrupt('bzImage', 'the payload is not all there');
  return bytes.subarray(start, end);
}
