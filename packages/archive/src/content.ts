// The content of one entry: pieces of the archive's stream, the holes of sparse files filled with zeros.
import { IgniteError } from '@ignite/api/errors';
import type { ByteSource } from './byte-source.ts';
import type { TarEntry } from './entry.ts';
import { beyondLimit, shown, truncated } from './errors.ts';
import { BLOCK } from './header-block.ts';
import type { SparseMap } from './sparse-map.ts';

export interface EntryBody {
  readonly content: AsyncIterable<Uint8Array>;
  /** Skips what nobody read, and the padding. Errors: archive/truncated. */
  finish(): Promise<void>;
}

const ZEROS = Buffer.alloc(256 * 1024);

/** The stored bytes of an entry; `skippedBytes` of them were read already (a sparse map in front). */
export function createBody(
  source: ByteSource,
  storedBytes: number,
  skippedBytes: number,
  sparse: SparseMap | undefined,
  where: string,
): EntryBody {
  let remaining = storedBytes - skippedBytes;
  let closed = false;

  async function piece(most: number): Promise<Buffer> {
    if (closed) throw new IgniteError('archive/entry-invalid', `The content of ${where} was read too late`);
    const bytes = await source.some(most);
    if (bytes === undefined) throw truncated(where);
    remaining -= bytes.length;
    return bytes;
  }

  async function* stored(count: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = count; left > 0; ) {
      const bytes = await piece(left);
      left -= bytes.length;
      yield bytes;
    }
  }

  async function* expanded(map: SparseMap): AsyncGenerator<Uint8Array, void, undefined> {
    let at = 0;
    for (let index = 0; index < map.pairs.length; index += 2) {
      const offset = map.pairs[index] ?? 0;
      const length = map.pairs[index + 1] ?? 0;
      yield* zeros(offset - at);
      yield* stored(length);
      at = offset + length;
    }
    yield* zeros(map.realSize - at);
  }

  async function finish(): Promise<void> {
    closed = true;
    const padding = (BLOCK - (storedBytes % BLOCK)) % BLOCK;
    if (!(await source.skip(remaining + padding))) throw truncated(where);
  }

  return { content: sparse === undefined ? stored(remaining) : expanded(sparse), finish };
}

function* zeros(count: number): Generator<Uint8Array, void, undefined> {
  for (let left = count; left > 0; ) {
    const step = Math.min(left, ZEROS.length);
    yield step === ZEROS.length ? ZEROS : ZEROS.subarray(0, step);
    left -= step;
  }
}

/** All content of a small entry. Errors: archive/limit if it has more than `maximumBytes`. */
export async function readContent(entry: TarEntry, maximumBytes: number): Promise<Buffer> {
  if (entry.size > maximumBytes) {
    throw beyondLimit(`entry ${shown(entry.name)}`, `${entry.size} bytes where ${maximumBytes} are enough`);
  }
  const whole = Buffer.allocUnsafe(entry.size);
  let at = 0;
  for await (const chunk of entry.content) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
