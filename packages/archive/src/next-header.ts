// From one entry's content to the next entry's header: skips padding, collects extension headers, sees the end.
import type { ByteSource } from './byte-source.ts';
import type { ByteString } from './entry.ts';
import { type EntryHeader, type Extensions, mergeHeader } from './entry-header.ts';
import { beyondLimit, malformed, shown, truncated, unsupported } from './errors.ts';
import { BLOCK, isZeroBlock, type RawHeader, readHeaderBlock } from './header-block.ts';
import { type PaxRecords, parsePaxRecords } from './pax-records.ts';

/** A header together with what the sparse formats need to know. */
export interface NextHeader {
  readonly header: EntryHeader;
  /** The header block where it is of GNU's sparse type `S`. */
  readonly oldSparse: Buffer | undefined;
  readonly pax: PaxRecords;
}

/** As Go's archive/tar: more than this in one extension header is no honest archive. */
const LARGEST_EXTENSION = 1024 * 1024;
/** Global records are kept for the whole archive and looked through for each entry; git writes one. */
const MOST_GLOBALS = 1000;

const NO_RECORDS: PaxRecords = { values: new Map(), sparsePairs: [] };

interface Pending {
  pax: PaxRecords | undefined;
  longName: ByteString | undefined;
  longLink: ByteString | undefined;
}

async function readExtension(source: ByteSource, raw: RawHeader, where: string): Promise<Buffer> {
  if (raw.size < 0) throw malformed(where, 'the size is negative');
  if (raw.size > LARGEST_EXTENSION) throw beyondLimit(where, `an extended header of ${raw.size} bytes`);
  const padded = Math.ceil(raw.size / BLOCK) * BLOCK;
  const body = await source.take(padded);
  if (body.length < padded) throw truncated(`the extended header of entry ${shown(raw.name)}`);
  return body.subarray(0, raw.size);
}

function untilNul(body: Buffer): ByteString {
  const end = body.indexOf(0);
  return body.toString('latin1', 0, end < 0 ? body.length : end);
}

/** Values from global headers where the entry's own say nothing; an empty value takes a record away (pax(1)). */
function withGlobals(own: PaxRecords | undefined, globals: Map<ByteString, ByteString>): PaxRecords {
  if (own === undefined && globals.size === 0) return NO_RECORDS;
  const values = new Map(globals);
  for (const [key, value] of own?.values ?? []) {
    if (value === '') values.delete(key);
    else values.set(key, value);
  }
  return { values, sparsePairs: own?.sparsePairs ?? [] };
}

function mergeGlobals(globals: Map<ByteString, ByteString>, records: PaxRecords): void {
  for (const [key, value] of records.values) {
    if (value === '') globals.delete(key);
    else globals.set(key, value);
  }
  if (globals.size > MOST_GLOBALS)
    throw beyondLimit('a global extended header', `more than ${MOST_GLOBALS} records`);
  let bytes = 0;
  for (const [key, value] of globals) bytes += key.length + value.length;
  if (bytes > LARGEST_EXTENSION)
    throw beyondLimit('the global extended headers', `more than ${LARGEST_EXTENSION} bytes together`);
}

/** The header block at hand or awaited; undefined at the end of the archive. */
async function nextBlock(source: ByteSource, pending: boolean): Promise<Buffer | undefined> {
  const block = source.takeNow(BLOCK) ?? (await source.take(BLOCK));
  if (block.length === 0 && !pending) return undefined;
  if (block.length < BLOCK) throw truncated('a header');
  if (!isZeroBlock(block)) return block;
  if (pending) throw malformed('the end', 'an extended header belongs to no entry');
  const second = await source.take(BLOCK);
  if (second.length === BLOCK && !isZeroBlock(second)) {
    throw malformed(`byte ${source.position() - BLOCK}`, 'a lone block of zeros');
  }
  return undefined;
}

/** Handles an extension header; false if the block is an entry's own. */
async function takeExtension(
  source: ByteSource,
  raw: RawHeader,
  pending: Pending,
  globals: Map<ByteString, ByteString>,
): Promise<boolean> {
  const where = `the extended header ${shown(raw.name)}`;
  switch (raw.typeflag) {
    case 'x':
    case 'X':
      pending.pax = parsePaxRecords(await readExtension(source, raw, where), where);
      return true;
    case 'g':
      mergeGlobals(globals, parsePaxRecords(await readExtension(source, raw, where), where));
      return true;
    case 'L':
      pending.longName = untilNul(await readExtension(source, raw, where));
      return true;
    case 'K':
      pending.longLink = untilNul(await readExtension(source, raw, where));
      return true;
    case 'V':
      await readExtension(source, raw, where);
      return true;
    case 'M':
      throw unsupported(`entry ${shown(raw.name)}`, 'the continuation of another volume');
    default:
      return false;
  }
}

/** A reader of headers over a source that stands at a header; remembers global headers. */
export function createHeaderReader(
  source: ByteSource,
  maximumFileBytes: number,
): () => Promise<NextHeader | undefined> {
  const globals = new Map<ByteString, ByteString>();
  return async () => {
    const pending: Pending = { pax: undefined, longName: undefined, longLink: undefined };
    let inside = false;
    for (;;) {
      const block = await nextBlock(source, inside);
      if (block === undefined) return undefined;
      const raw = readHeaderBlock(block, `byte ${source.position() - BLOCK}`);
      // Waiting for more bytes may reuse the chunk a block lies in.
      const oldSparse = raw.typeflag === 'S' ? Buffer.from(block) : undefined;
      if (await takeExtension(source, raw, pending, globals)) {
        inside = raw.typeflag !== 'g' && raw.typeflag !== 'V';
        continue;
      }
      const pax = withGlobals(pending.pax, globals);
      const extensions: Extensions = { pax, longName: pending.longName, longLink: pending.longLink };
      return { header: mergeHeader(raw, extensions, maximumFileBytes), oldSparse, pax };
    }
  };
}
