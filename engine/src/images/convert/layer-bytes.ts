// A layer's bytes on their way: decompressed, counted against the limits, hashed.
import { createHash } from 'node:crypto';
import { IgniteError } from '@ignite/api';
import { inflate } from '@ignite/archive';
import type { JobLayer, JobLimits } from '../../worker/messages.ts';

/** Counts over all layers of one import. */
export interface Budget {
  unpackedBytes: number;
  /** Of the layers so far. */
  packedBytes: number;
  /** Content of files, holes included: little in an archive stands for much of them. */
  contentBytes: number;
  entries: number;
}

/** A budget of which nothing is spent. */
export function newBudget(): Budget {
  return { unpackedBytes: 0, packedBytes: 0, contentBytes: 0, entries: 0 };
}

interface LayerBytes {
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
  const plain = layer.compression === 'none' ? compressed : inflate(compressed, layer.compression);
  const source = checked(layer, plain, limits, budget, (chunk) => hash.update(chunk));
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

async function* checked(
  layer: JobLayer,
  source: AsyncIterable<Uint8Array>,
  limits: JobLimits,
  budget: Budget,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let mine = 0;
  budget.packedBytes += layer.size;
  const isBomb = (unpacked: number, packed: number): boolean =>
    unpacked > limits.ratioFreeBytes && unpacked > packed * limits.maxRatio;
  try {
    for await (const chunk of source) {
      mine += chunk.length;
      budget.unpackedBytes += chunk.length;
      if (budget.unpackedBytes > limits.maxUnpackedBytes) throw tooLarge(layer, limits.maxUnpackedBytes);
      if (isBomb(mine, layer.size)) throw bomb(`Layer ${layer.digest} unpacks`, limits.maxRatio);
      // Each of many layers may be small enough.
      if (isBomb(budget.unpackedBytes, budget.packedBytes))
        throw bomb(`All layers up to ${layer.digest} unpack`, limits.maxRatio);
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

function bomb(what: string, ratio: number): IgniteError {
  return new IgniteError(
    'images/too-large',
    `${what} to more than ${ratio} times the packed size: a decompression bomb`,
  );
}
