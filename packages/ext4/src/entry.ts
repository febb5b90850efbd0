// How callers describe the entries of a file system image, and what `stat` returns about them.

/**
 * A path inside the image, bytes as a string of one character per byte (Buffer's `latin1`). `/a/b`, `a/b` and
 * `./a//b/` are the same; `..` is resolved inside the image's root; the empty path is the root.
 */
export type BytePath = string;

/** Whole seconds since 1970 (may be negative) and nanoseconds 0 to 999,999,999 after that second. */
export interface FileTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export interface EntryMeta {
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: FileTime;
  /** Default: as mtime. */
  readonly atime?: FileTime;
  /** Full names to values as the system calls take them; `system.posix_acl_*` in the version 2 form. */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

export type NodeType = 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket';

/** What `stat` returns. */
export interface NodeInfo {
  /** Path without links, `usr/lib/systemd/systemd`; the empty string is the root. */
  readonly path: BytePath;
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  readonly inode: number;
  /** Target of a symlink, else empty. */
  readonly target: string;
}

/** Where the image's bytes go: a new, empty, sparse file (what was never written must read as zeros). */
export interface ImageSink {
  /** Writes all of `bytes` at `position`; the buffer is reused when the promise settles. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Fills `bytes` from `position`; only asked for what was written. */
  read(bytes: Uint8Array, position: number): Promise<void>;
}

export interface Ext4Options {
  readonly sink: ImageSink;
  /** At most 16 bytes. */
  readonly label: string;
  /** 16 bytes. */
  readonly uuid: Uint8Array;
  /** 16 bytes: seed of the directory hash. */
  readonly hashSeed: Uint8Array;
  /** Time written for the file system itself and for directories nobody described, seconds since 1970. */
  readonly epochSeconds: number;
  /** Entries beyond this are ext4/too-many-entries; default 10 million. */
  readonly maximumEntries?: number;
  /** Image bytes beyond this are ext4/too-large; default 16 TiB. */
  readonly maximumBytes?: number;
  /** Journal size; default by the image's size; 0 for none (drives that are only read). */
  readonly journalBytes?: number;
}

export interface FinishOptions {
  /** The image is at least this large. */
  readonly minimumBytes?: number;
  /** Free space the image has at least; default 1 MiB. */
  readonly freeBytes?: number;
}

export interface Ext4Result {
  /** Size of the file system, a multiple of 1 MiB; the file must be truncated to it. */
  readonly bytes: number;
  /** Names in the tree, the root not counted. */
  readonly entries: number;
  /** Bytes in blocks that are in use, metadata included, the journal too. */
  readonly usedBytes: number;
}

/**
 * Builds an image from entries given in any order, layers bottom-up. Calls are made one after the other, each
 * awaited. An entry replaces what has its name; a directory over a directory keeps the children and takes the new
 * metadata; missing parents are made 0755 root; parents that are symlinks are resolved inside the image's root.
 * After an error the image is of no use.
 */
export interface Ext4Writer {
  /** From here on entries belong to a new layer: `remove` and `clear` then spare what this layer itself brought. */
  beginLayer(): void;
  directory(path: BytePath, meta: EntryMeta): Promise<void>;
  /** `content` must have exactly `size` bytes. Blocks of zeros become holes. */
  file(
    path: BytePath,
    meta: EntryMeta,
    size: number,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void>;
  symlink(path: BytePath, meta: EntryMeta, target: string): Promise<void>;
  /** A further name for `target`, which is resolved like a path, its last part not followed. */
  hardlink(path: BytePath, target: BytePath): Promise<void>;
  device(
    path: BytePath,
    meta: EntryMeta,
    kind: 'character' | 'block',
    major: number,
    minor: number,
  ): Promise<void>;
  fifo(path: BytePath, meta: EntryMeta): Promise<void>;
  socket(path: BytePath, meta: EntryMeta): Promise<void>;
  /** Whiteout: removes what lower layers have there. False if there is nothing. The root is ext4/root. */
  remove(path: BytePath): Promise<boolean>;
  /** Opaque directory: removes what lower layers have below it. */
  clear(path: BytePath): Promise<void>;
  /** What is at a path now; links in the last part are followed where `follow` is true. */
  stat(path: BytePath, options: { readonly follow: boolean }): NodeInfo | undefined;
  /** Names in a directory, sorted by bytes; undefined if it is none. */
  list(path: BytePath): readonly string[] | undefined;
  /** Content of a file (links followed), read back from the sink; undefined if it is none or larger than the limit. */
  readFile(path: BytePath, maximumBytes: number): Promise<Buffer | undefined>;
  /** Writes all metadata. The writer is of no use afterwards. */
  finish(options?: FinishOptions): Promise<Ext4Result>;
}
