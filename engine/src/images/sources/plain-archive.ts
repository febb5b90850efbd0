// Archives are plain or compressed, and on stdin only their first bytes show it. Runs in the worker.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { inflate } from '@ignite/archive';
import type { JobLimits, Unpacked } from '../../worker/messages.ts';
import { archiveCompression } from './compression.ts';

const MAGIC_BYTES = 6;

/**
 * The archive without its compression. Reading rejects with `images/bad-archive` (another compression, or a broken
 * one) or `images/too-large`.
 */
export async function* plainArchive(
  stream: AsyncIterable<Uint8Array>,
  limits: JobLimits,
): AsyncGenerator<Uint8Array> {
  const source = stream[Symbol.asyncIterator]();
  const { head, ended } = await readHead(source);
  const compression = archiveCompression(head);
  let consumed = 0;
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of whole(head, ended, source)) {
      consumed += chunk.length;
      yield chunk;
    }
  }
  const plain = compression === 'none' ? counted() : inflated(counted(), compression);
  for await (const chunk of plain) {
    bytes += chunk.length;
    if (bytes > limits.maxUnpackedBytes)
      throw new IgniteError(
        'images/too-large',
        `The archive has more than ${limits.maxUnpackedBytes} unpacked bytes`,
      );
    if (bytes > limits.ratioFreeBytes && bytes > consumed * limits.maxRatio)
      throw new IgniteError(
        'images/too-large',
        `The archive unpacks to more than ${limits.maxRatio} times its size: a decompression bomb`,
      );
    yield chunk;
  }
}

/** The file that `writePlain` writes. */
export const PLAIN_FILE = 'layer.tar';

/** Writes the archive on `stream`, without its compression, as the one file of `folder`. */
export async function writePlain(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
  limits: JobLimits,
): Promise<Unpacked> {
  await using file = await open(join(folder, '0'), 'wx', 0o600);
  let size = 0;
  for await (const chunk of plainArchive(stream, limits)) {
    await file.writeFile(chunk);
    size += chunk.length;
  }
  return { files: [{ name: PLAIN_FILE, file: 0, size }] };
}

interface Head {
  readonly head: Uint8Array;
  readonly ended: boolean;
}

async function readHead(source: AsyncIterator<Uint8Array>): Promise<Head> {
  let head: Uint8Array = new Uint8Array();
  while (head.length < MAGIC_BYTES) {
    const next = await source.next();
    if (next.done === true) return { head, ended: true };
    head = Buffer.concat([head, next.value]);
  }
  return { head, ended: false };
}

async function* whole(
  head: Uint8Array,
  ended: boolean,
  source: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  if (!ended) yield* { [Symbol.asyncIterator]: () => source };
}

async function* inflated(
  source: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'zstd',
): AsyncGenerator<Uint8Array> {
  try {
    yield* inflate(source, compression);
  } catch (cause) {
    throw new IgniteError('images/bad-archive', `The archive cannot be unpacked (${compression})`, { cause });
  }
}
