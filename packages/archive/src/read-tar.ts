// Reading a tar stream: entries in order, content lazily, everything checked.
import { type ByteSource, createByteSource } from './byte-source.ts';
import { createBody } from './content.ts';
import type { TarEntry } from './entry.ts';
import { beyondLimit, shown } from './errors.ts';
import { createHeaderReader, type NextHeader } from './next-header.ts';
import { paxInteger } from './pax-records.ts';
import {
  checkedSparseMap,
  parseSparseList,
  readOldSparseMap,
  readSparsePrefix,
  type SparseMap,
} from './sparse-map.ts';

export interface ReadTarOptions {
  /** Bytes a file may announce, holes included; default 16 TiB, the most ext4 can hold. */
  readonly maximumFileBytes?: number;
}

const SIXTEEN_TIB = 2 ** 44;

interface FoundSparse {
  readonly map: SparseMap;
  /** Bytes of the content that held the map itself. */
  readonly prefixBytes: number;
}

/** The sparse map of an entry, in any of the four formats. */
async function findSparse(
  next: NextHeader,
  source: ByteSource,
  where: string,
): Promise<FoundSparse | undefined> {
  const { header, oldSparse, pax } = next;
  if (header.type !== 'file') return undefined;
  if (oldSparse !== undefined) {
    const map = await readOldSparseMap(oldSparse, source, where);
    return { map: checkedSparseMap(map, header.storedBytes, where), prefixBytes: 0 };
  }
  const realSize = (key: string): number =>
    paxInteger(pax.values.get(key) ?? String(header.size), key, where);
  if (pax.values.get('GNU.sparse.major') === '1') {
    const { pairs, bytes } = await readSparsePrefix(source, header.storedBytes, where);
    const map = { realSize: realSize('GNU.sparse.realsize'), pairs };
    return { map: checkedSparseMap(map, header.storedBytes - bytes, where), prefixBytes: bytes };
  }
  const list = pax.values.get('GNU.sparse.map');
  if (list === undefined && !pax.values.has('GNU.sparse.numblocks')) return undefined;
  const pairs = list === undefined ? pax.sparsePairs : parseSparseList(list, where);
  const map = { realSize: realSize('GNU.sparse.size'), pairs };
  return { map: checkedSparseMap(map, header.storedBytes, where), prefixBytes: 0 };
}

/** Reads to the end of the stream, so that a hash taken on the way covers all of it. */
async function drain(source: ByteSource): Promise<void> {
  while ((await source.some(Number.MAX_SAFE_INTEGER)) !== undefined);
}

/**
 * Entries of a tar stream (POSIX ustar and pax, GNU, star, v7; sparse files expanded), in order. An entry's content
 * can be read until the next entry is asked for; what is not read is skipped. After the end mark the rest of the
 * stream is read and ignored; a stream that ends between entries without a mark is taken, as Go's archive/tar does.
 * Stopping early closes the stream. Errors: archive/malformed, archive/truncated, archive/unsupported-entry,
 * archive/limit; and what the stream itself throws.
 */
export async function* readTar(
  stream: AsyncIterable<Uint8Array>,
  options: ReadTarOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  const source = createByteSource(stream);
  const maximumFileBytes = options.maximumFileBytes ?? SIXTEEN_TIB;
  const nextHeader = createHeaderReader(source, maximumFileBytes);
  try {
    for (let next = await nextHeader(); next !== undefined; next = await nextHeader()) {
      const { storedBytes, ...header } = next.header;
      const where = `entry ${shown(header.name)}`;
      const sparse = await findSparse(next, source, where);
      const size = sparse === undefined ? header.size : sparse.map.realSize;
      if (size > maximumFileBytes) throw beyondLimit(where, `${size} bytes of content`);
      const body = createBody(source, storedBytes, sparse?.prefixBytes ?? 0, sparse?.map, where);
      yield { ...header, size, content: body.content };
      await body.finish();
    }
    await drain(source);
  } finally {
    await source.close();
  }
}
