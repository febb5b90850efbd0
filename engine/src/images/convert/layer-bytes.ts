// A layer's bytes on their way: decompressed, counted against the limits, hashed.
import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { IgniteError } from '@ignite/api';
import type { JobLayer, JobLimits } from '../../worker/messages.ts';

/** Larger than Node's defaults, which are two to three times slower. */
const CHUNK = 256 << 10;

/** Counts over all layers of one import. */
export interface Budget {
  unpackedBytes: number;
  entries: number;
}

export interface LayerBytes {
  /** The uncompressed layer. A reader that stops early does not end it: `finish` reads the rest. */
  readonly content: AsyncIterable<Uint8Array>;
  /**
   * Reads to the end and compares with the layer's diff id (config.md, `rootfs.diff_ids`).
   * @throws IgniteError `images/digest-mismatch`
   */
  finish(): Promise<void>;
}

/**
 * Opens a layer.
 * Reading rejects with IgniteError `images/bad-layer` (broken compression) or `images/too-large`.
 */
export function layerBytes(
  layer: JobLayer,
  compressed: AsyncIterable<Uint8Array>,
  limits: JobLimits,
  budget: Budget,
): LayerBytes {
  const hash = createHash('sha256');
  const source = checked(layer, decompressed(layer, compressed), limits, budget, (chunk) =>
    hash.update(chunk),
  );
  return {
    // Without `return`, leaving a loop over it leaves it open.
    content: { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) },
    async finish() {
      while (!(await source.next()).done);
      const found = `sha256:${hash.digest('hex')}`;
      if (found === layer.diffId) return;
      throw new IgniteError(
        'images/digest-mismatch',
        `Layer ${layer.digest} unpacks to ${found}, its image promises ${layer.diffId}`,
      );
    },
  };
}

function decompressed(layer: JobLayer, compressed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (layer.compression === 'none') return compressed;
  const inflate =
    layer.compression === 'gzip'
      ? createGunzip({ chunkSize: CHUNK })
      : createZstdDecompress({ chunkSize: CHUNK });
  const source = Readable.from(compressed, { objectMode: false, highWaterMark: CHUNK });
  return pipeline(source, inflate, () => {}); // its error is the reader's, too
}

async function* checked(
  layer: JobLayer,
  source: AsyncIterable<Uint8Array>,
  limits: JobLimits,
  budget: Budget,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let mine = 0;
  try {
    for await (const chunk of source) {
      mine += chunk.length;
      budget.unpackedBytes += chunk.length;
      if (budget.unpackedBytes > limits.maxUnpackedBytes) throw tooLarge(layer, limits.maxUnpackedBytes);
      if (mine > limits.ratioFreeBytes && mine > layer.size * limits.maxRatio)
        throw bomb(layer, limits.maxRatio);
      see(chunk);
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof IgniteError) throw cause;
    throw new IgniteError(
      'images/bad-layer',
      `Layer ${layer.digest} cannot be unpacked (${layer.compression})`,
      {
        cause,
      },
    );
  }
}

function tooLarge(layer: JobLayer, limit: number): IgniteError {
  return new IgniteError(
    'images/too-large',
    `Layer ${layer.digest} takes the image beyond the limit of ${limit} unpacked bytes`,
  );
}

function bomb(layer: JobLayer, ratio: number): IgniteError {
  return new IgniteError(
    'images/too-large',
    `Layer ${layer.digest} unpacks to more than ${ratio} times its size: a decompression bomb`,
  );
}
