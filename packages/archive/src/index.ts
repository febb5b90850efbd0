// Tar archives: reading, writing, names inside a root; unpacking and packing host folders for `cp`.
import type { ByteString, TarEntry, TarInput } from './entry.ts';

export type { ByteString, EntryType, FileTime, TarEntry, TarHeader, TarInput } from './entry.ts';

export interface ReadTarOptions {
  /** Bytes a file may announce; default 16 TiB. */
  readonly maximumFileBytes?: number;
}
/** Entries of a tar stream, in order. Errors: archive/malformed, truncated, unsupported-entry, limit. */
export declare function readTar(
  stream: AsyncIterable<Uint8Array>,
  options?: ReadTarOptions,
): AsyncGenerator<TarEntry, void, undefined>;
/** A tar stream of entries, ending mark included. */
export declare function writeTar(
  entries: AsyncIterable<TarInput> | Iterable<TarInput>,
): AsyncGenerator<Uint8Array, void, undefined>;
/** All content of a small entry; more than `maximumBytes` is archive/limit. */
export declare function readContent(entry: TarEntry, maximumBytes: number): Promise<Buffer>;
/** `/a/./b/../c/` → `a/c`; `..` stops at the root, which is the empty string. */
export declare function normalizeName(name: ByteString): ByteString;
/** UTF-8 bytes of a text as a ByteString. */
export declare function byteString(text: string): ByteString;
/** A ByteString as text for people (UTF-8, bad bytes shown as U+FFFD). */
export declare function byteStringText(bytes: ByteString): string;
