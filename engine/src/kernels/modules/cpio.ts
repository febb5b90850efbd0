// Writes the "newc" cpio archive that Linux unpacks as initramfs.
// Source: Documentation/driver-api/early-userspace/buffer-format.rst of Linux.

export interface CpioEntry {
  /** Without leading slash. */
  readonly name: string;
  /** Type and permission bits: 0o040755, 0o100644. */
  readonly mode: number;
  readonly content?: Buffer;
}

const TRAILER = 'TRAILER!!!';

/** The whole archive; the same entries give the same bytes (no times, numbered inodes, root's). */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, index) => member(entry, index + 1));
  return Buffer.concat([...parts, ...member({ name: TRAILER, mode: 0 }, 0)]);
}

function member(entry: CpioEntry, inode: number): readonly Buffer[] {
  const content = entry.content ?? Buffer.alloc(0);
  const name = Buffer.from(`${entry.name}\0`, 'utf8');
  const links = (entry.mode & 0o170000) === 0o040000 ? 2 : 1;
  const fields = [inode, entry.mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map(hex8).join('')}`, 'latin1');
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

function hex8(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
