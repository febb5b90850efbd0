// Writes cpio archives in the "newc" form that the kernel unpacks as an initramfs
// (Documentation/driver-api/early-userspace/buffer-format.rst).

/** One member of an archive. Folders end with no slash and have no content. */
interface CpioEntry {
  /** Path without a leading slash. */
  readonly name: string;
  /** File type and permission bits, as in st_mode. */
  readonly mode: number;
  readonly content?: Uint8Array;
}

const HEADER_BYTES = 110;
const TRAILER = 'TRAILER!!!';

/** A whole archive, trailer included, its length a multiple of 4 so that another may follow. */
export function encodeCpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => encodeEntry(entry, index + 1));
  return Buffer.concat([...parts, ...encodeEntry({ name: TRAILER, mode: 0 }, 0)]);
}

function encodeEntry(entry: CpioEntry, inode: number): Buffer[] {
  const name = Buffer.from(`${entry.name}\0`);
  const content = entry.content ?? new Uint8Array(0);
  const fields = [inode, entry.mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return [
    Buffer.from(header, 'latin1'),
    name,
    padding(HEADER_BYTES + name.length),
    Buffer.from(content.buffer, content.byteOffset, content.length),
    padding(content.length),
  ];
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
