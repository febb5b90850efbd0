// Merged entries become an ext4 image file: in user space, in one pass, the same bytes for the same input.
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
export { fileSink } from './file-sink.ts';
export { formatEmptyExt4 } from './format-empty.ts';
export { createExt4Writer } from './writer.ts';
