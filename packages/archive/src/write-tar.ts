// Writing a tar stream: for docker-save and OCI archives, and for `cp` into a guest.
import { IgniteError } from '@ignite/api/errors';
import type { TarInput } from './entry.ts';
import { shown } from './errors.ts';
import { BLOCK } from './header-block.ts';
import { padding, writeHeader } from './write-header.ts';

/** GNU tar and others read records of 20 blocks; archives end on a multiple of it. */
const RECORD = 20 * BLOCK;

/**
 * A tar stream of entries in pax format (plain ustar headers where they suffice), with its end mark. Headers are
 * given out as they are; content chunks are passed through. The same entries give the same bytes.
 * Errors: archive/entry-invalid if a header cannot be written or content has not exactly `size` bytes.
 */
export async function* writeTar(
  entries: AsyncIterable<TarInput> | Iterable<TarInput>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let written = 0;
  for await (const entry of entries) {
    const header = writeHeader(entry);
    yield header;
    const size = entry.size ?? 0;
    yield* content(entry, size);
    const gap = padding(size);
    if (gap > 0) yield Buffer.alloc(gap);
    written += header.length + size + gap;
  }
  const end = written + 2 * BLOCK;
  yield Buffer.alloc(2 * BLOCK + ((RECORD - (end % RECORD)) % RECORD));
}

async function* content(entry: TarInput, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let given = 0;
  for await (const chunk of entry.content ?? []) {
    given += chunk.length;
    if (given > size) break;
    yield chunk;
  }
  if (given !== size) {
    throw new IgniteError(
      'archive/entry-invalid',
      `Entry ${shown(entry.name)} announced ${size} bytes of content and has ${given > size ? 'more' : given}`,
    );
  }
}
