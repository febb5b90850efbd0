// Archives and layers without their compression.
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { zstdFrames } from './zstd-frames.ts';

/** Larger than Node's defaults, which are two to three times slower. */
const CHUNK_BYTES = 256 << 10;

/**
 * The unpacked bytes of a gzip stream (of several members, too) or of a zstd stream (of several frames, too).
 * Reading rejects with zlib's error, an Error for a broken zstd stream, or what the stream itself throws.
 */
export function inflate(
  stream: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'zstd',
): AsyncIterable<Uint8Array> {
  const gzip = compression === 'gzip';
  const options = { chunkSize: CHUNK_BYTES };
  const source = Readable.from(gzip ? stream : zstdFrames(stream), {
    objectMode: false,
    highWaterMark: CHUNK_BYTES,
  });
  const unpacked = gzip ? createGunzip(options) : createZstdDecompress(options);
  return pipeline(source, unpacked, () => {}); // its error is the reader's, too
}
