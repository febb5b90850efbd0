// Tar archives: reading, writing, names inside a root; unpacking and packing host folders for `cp`.
export { byteString, byteStringText } from './byte-string.ts';
export { readContent } from './content.ts';
export type { ByteString, EntryType, FileTime, TarEntry, TarHeader, TarInput } from './entry.ts';
export { inflate } from './inflate.ts';
export { baseName, normalizeName, parentName } from './names.ts';
export { type ReadTarOptions, readTar } from './read-tar.ts';
export { writeTar } from './write-tar.ts';
export { type ExtractOptions, type ExtractResult, extractTar } from './files/extract-tar.ts';
export { openEntry, whereIs } from './files/open-entry.ts';
export { nameInArchive, packAll, packDirectory, type PackOptions } from './files/pack-directory.ts';
