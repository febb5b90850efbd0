// What a tar archive holds, as this package hands it out and takes it in.

/**
 * Bytes as a string of one character per byte, codes 0 to 255 (Buffer's `latin1`). Names in archives and in
 * file systems are bytes, not text: this keeps them exact, works as a Map key and costs one byte a character.
 */
export type ByteString = string;

/** A moment: whole seconds since 1970 (may be negative) and nanoseconds 0 to 999,999,999 after that second. */
export interface FileTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';

/** Everything about an entry but its content. */
export interface TarHeader {
  readonly type: EntryType;
  /** As in the archive: may begin with `/` or `./`, hold `..`, and end with `/`. See `normalizeName`. */
  readonly name: ByteString;
  /** Target of a symlink (kept as it is) or of a hard link (a name in the archive); else empty. */
  readonly linkName: ByteString;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName: ByteString;
  readonly groupName: ByteString;
  /** Bytes of the content, holes of sparse files included; 0 for everything but files. */
  readonly size: number;
  readonly mtime: FileTime;
  readonly atime?: FileTime;
  /** Of `character` and `block`; else 0. */
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Full names (`security.capability`, `user.x`) to values; empty if there are none. */
  readonly xattrs: ReadonlyMap<ByteString, Buffer>;
}

/** An entry read from an archive. Its content is there only until the next entry is asked for. */
export interface TarEntry extends TarHeader {
  /** Read at most once. What is not read is skipped. Chunks are valid until the next chunk or entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** What must be said of an entry to write it; the rest has plain defaults (mode 0644/0755, root, time 0). */
export interface TarInput {
  readonly type: EntryType;
  readonly name: ByteString;
  readonly linkName?: ByteString;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly userName?: ByteString;
  readonly groupName?: ByteString;
  readonly size?: number;
  readonly mtime?: FileTime;
  readonly atime?: FileTime;
  readonly deviceMajor?: number;
  readonly deviceMinor?: number;
  readonly xattrs?: ReadonlyMap<ByteString, Uint8Array>;
  /** Exactly `size` bytes. */
  readonly content?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}
