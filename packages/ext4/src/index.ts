// Merged entries become an ext4 image file: in user space, in one pass, the same bytes for the same input.
import type { FileHandle } from 'node:fs/promises';
import type { Ext4Options, Ext4Result, Ext4Writer, ImageSink } from './entry.ts';

export type {
  BytePath,
  EntryMeta,
  Ext4Options,
  Ext4Result,
  Ext4Writer,
  FileTime,
  FinishOptions,
  ImageSink,
  NodeInfo,
  NodeType,
} from './entry.ts';

/** A writer for a new image. */
export declare function createExt4Writer(options: Ext4Options): Ext4Writer;
/** An empty file system of exactly `bytes` (rounded down to 1 MiB, at least 32 MiB), for volumes. */
export declare function formatEmptyExt4(options: Ext4Options, bytes: number): Promise<Ext4Result>;
/** A sink over an open file (flags `w+`). */
export declare function fileSink(file: FileHandle): ImageSink;
