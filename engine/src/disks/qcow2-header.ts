// The bytes of an empty qcow2 image over a raw backing file, so that making a disk needs no program start.
// Source: QEMU docs/interop/qcow2.txt, version 3.

/** Bytes of a cluster: 64 KiB, QEMU's default. */
export const CLUSTER_BYTES = 65_536;

const CLUSTER_BITS = 16;
export const MAGIC = 0x514649fb;
export const HEADER_BYTES = 104;
/** log2 of the bits of a refcount: 16-bit refcounts. */
const REFCOUNT_ORDER = 4;
export const EXTENSION_BACKING_FORMAT = 0xe2792aca;
export const EXTENSION_END = 0;
const BACKING_FORMAT = 'raw';
const BACKING_FORMAT_PADDED = 8;
/** "maximum 1023 bytes", section Header. */
export const MAX_BACKING_NAME = 1023;
/** One L1 entry names one L2 table, which is a cluster of 8-byte entries, each naming one cluster. */
const BYTES_PER_L1_ENTRY = (CLUSTER_BYTES / 8) * CLUSTER_BYTES;

const REFCOUNT_TABLE_CLUSTER = 1;
const REFCOUNT_BLOCK_CLUSTER = 2;
const L1_CLUSTER = 3;

/**
 * The whole file of an empty qcow2 image: header, refcount table, one refcount block, L1 table.
 * @param backing absolute path of the raw backing file
 * @param bytes virtual size, a multiple of 512
 * @throws RangeError when the path does not fit or the size is not representable
 */
export function emptyQcow2(backing: string, bytes: number): Buffer {
  const name = Buffer.from(backing, 'utf8');
  if (name.length === 0 || name.length > MAX_BACKING_NAME) throw new RangeError('backing path too long');
  if (!Number.isSafeInteger(bytes) || bytes <= 0 || bytes % 512 !== 0) throw new RangeError('bad disk size');

  const l1Entries = Math.ceil(bytes / BYTES_PER_L1_ENTRY);
  const l1Clusters = Math.ceil((l1Entries * 8) / CLUSTER_BYTES);
  const clusters = L1_CLUSTER + l1Clusters;
  const file = Buffer.alloc(clusters * CLUSTER_BYTES);
  writeHeader(file, name, bytes, l1Entries);
  file.writeBigUInt64BE(
    BigInt(REFCOUNT_BLOCK_CLUSTER * CLUSTER_BYTES),
    REFCOUNT_TABLE_CLUSTER * CLUSTER_BYTES,
  );
  for (let cluster = 0; cluster < clusters; cluster += 1) {
    file.writeUInt16BE(1, REFCOUNT_BLOCK_CLUSTER * CLUSTER_BYTES + cluster * 2);
  }
  return file;
}

function writeHeader(file: Buffer, name: Buffer, bytes: number, l1Entries: number): void {
  const nameOffset = HEADER_BYTES + 8 + BACKING_FORMAT_PADDED + 8;
  file.writeUInt32BE(MAGIC, 0);
  file.writeUInt32BE(3, 4); // version
  file.writeBigUInt64BE(BigInt(nameOffset), 8);
  file.writeUInt32BE(name.length, 16);
  file.writeUInt32BE(CLUSTER_BITS, 20);
  file.writeBigUInt64BE(BigInt(bytes), 24);
  file.writeUInt32BE(0, 32); // no encryption
  file.writeUInt32BE(l1Entries, 36);
  file.writeBigUInt64BE(BigInt(L1_CLUSTER * CLUSTER_BYTES), 40);
  file.writeBigUInt64BE(BigInt(REFCOUNT_TABLE_CLUSTER * CLUSTER_BYTES), 48);
  file.writeUInt32BE(1, 56); // clusters of the refcount table
  // 60: no snapshots; 72, 80, 88: no incompatible, compatible, autoclear features
  file.writeUInt32BE(REFCOUNT_ORDER, 96);
  file.writeUInt32BE(HEADER_BYTES, 100);
  file.writeUInt32BE(EXTENSION_BACKING_FORMAT, HEADER_BYTES);
  file.writeUInt32BE(BACKING_FORMAT.length, HEADER_BYTES + 4);
  file.write(BACKING_FORMAT, HEADER_BYTES + 8, 'latin1');
  file.writeUInt32BE(EXTENSION_END, HEADER_BYTES + 8 + BACKING_FORMAT_PADDED);
  name.copy(file, nameOffset);
}
