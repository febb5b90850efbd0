// Writes a tar stream as one layer blob, hashing the compressed and the plain bytes on the way.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';

export type LayerCompression = 'none' | 'gzip' | 'zstd';

export interface LayerBlob {
  readonly mediaType: string;
  /** `sha256:…` of the file. */
  readonly digest: string;
  readonly size: number;
  /** `sha256:…` of the plain tar, image-spec config.md. */
  readonly diffId: string;
}

const CHUNK_BYTES = 1 << 20;
const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const SUFFIX: Readonly<Record<LayerCompression, string>> = { none: '', gzip: '+gzip', zstd: '+zstd' };

/** @param blobs folder `blobs/sha256` of an OCI layout */
export async function writeLayerBlob(
  blobs: string,
  tar: AsyncIterable<Uint8Array>,
  compression: LayerCompression,
  signal: AbortSignal,
): Promise<LayerBlob> {
  const plain = createHash('sha256');
  const packed = createHash('sha256');
  const counted = { size: 0 };
  const temporary = join(blobs, 'layer.tmp');
  await pipeline(
    [
      Readable.from(tar, { objectMode: false, highWaterMark: CHUNK_BYTES }),
      tee((piece) => plain.update(piece)),
      ...packer(compression),
      tee((piece) => {
        packed.update(piece);
        counted.size += piece.length;
      }),
      createWriteStream(temporary, { highWaterMark: CHUNK_BYTES }),
    ],
    { signal },
  );
  const hex = packed.digest('hex');
  await rename(temporary, join(blobs, hex));
  return {
    mediaType: `${LAYER}${SUFFIX[compression]}`,
    digest: `sha256:${hex}`,
    size: counted.size,
    diffId: `sha256:${plain.digest('hex')}`,
  };
}

function packer(compression: LayerCompression): readonly Transform[] {
  if (compression === 'gzip') return [createGzip({ level: 6, chunkSize: CHUNK_BYTES })];
  if (compression === 'zstd') {
    return [
      createZstdCompress({ chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
    ];
  }
  return [];
}

function tee(look: (piece: Buffer) => void): Transform {
  return new Transform({
    readableHighWaterMark: CHUNK_BYTES,
    writableHighWaterMark: CHUNK_BYTES,
    transform(piece: Buffer, _encoding, done) {
      look(piece);
      done(null, piece);
    },
  });
}
