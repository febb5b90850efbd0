// An image of any size for measurements, the same each time: folders of files, half of whose content compresses well.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { writeTar } from '@ignite/archive';
import { ARCHITECTURE, type Blob, directory, file, jsonBlob, sha256 } from './build-image.ts';
import { pushBlob, pushManifest } from './push-image.ts';

export interface SyntheticImage {
  readonly files: number;
  /** Unpacked. */
  readonly bytes: number;
  readonly layers: number;
}

export interface PushedSynthetic {
  readonly manifest: Blob;
  /** Compressed. */
  readonly bytes: number;
}

const FOLDER_FILES = 100;
const BLOCK = 1 << 20;

/** Builds the image layer by layer, and pushes each before the next is made. `base` is `http://127.0.0.1:5000`. */
export async function pushSyntheticImage(
  base: string,
  repository: string,
  tag: string,
  image: SyntheticImage,
): Promise<PushedSynthetic> {
  const random = randomBlock();
  const diffIds: string[] = [];
  const layers: { mediaType: string; digest: string; size: number }[] = [];
  const each = Math.ceil(image.files / image.layers);
  for (let first = 0; first < image.files; first += each) {
    const { blob, diffId } = await makeLayer(
      random,
      first,
      Math.min(each, image.files - first),
      image.bytes / image.files,
    );
    diffIds.push(diffId);
    layers.push({ mediaType: blob.mediaType, digest: blob.digest, size: blob.size });
    await pushBlob(base, repository, blob, {});
  }
  const config = jsonBlob('application/vnd.oci.image.config.v1+json', {
    architecture: ARCHITECTURE,
    os: 'linux',
    config: { Cmd: ['/bin/true'] },
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
  await pushBlob(base, repository, config, {});
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const { digest, size } = config;
  const manifest = jsonBlob(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: config.mediaType, digest, size },
    layers,
  });
  await pushManifest(base, repository, tag, manifest);
  return { manifest, bytes: layers.reduce((sum, layer) => sum + layer.size, 0) };
}

async function makeLayer(
  random: Buffer,
  first: number,
  count: number,
  mean: number,
): Promise<{ blob: Blob; diffId: string }> {
  const pieces: Buffer[] = [];
  for await (const piece of writeTar(entries(random, first, count, mean))) pieces.push(Buffer.from(piece));
  const tar = Buffer.concat(pieces);
  const bytes = gzipSync(tar);
  const mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip';
  return {
    blob: { mediaType, digest: sha256(bytes), size: bytes.length, bytes },
    diffId: sha256(tar),
  };
}

function* entries(random: Buffer, first: number, count: number, mean: number) {
  for (let n = first; n < first + count; n += 1) {
    const folder = `usr/share/d${Math.floor(n / FOLDER_FILES)}`;
    if (n === first || n % FOLDER_FILES === 0) yield directory(folder);
    yield file(`${folder}/f${n}`, contentOf(random, n, sizeOf(n, mean)));
  }
}

// As in a distribution: most files are small, a few hold most of the bytes.
function sizeOf(n: number, mean: number): number {
  return Math.round(n % 10 === 0 ? mean * 5.5 : mean * 0.5);
}

function contentOf(random: Buffer, n: number, size: number): Buffer {
  const content = Buffer.alloc(size, `The file number ${n} of an image that is made for measuring. `);
  const half = size >> 1;
  for (let at = 0; at < half; at += BLOCK) {
    const from = (n * 7919 + at) % (random.length - Math.min(BLOCK, half));
    random.copy(content, at, from, from + Math.min(BLOCK, half - at));
  }
  return content;
}

/** 8 MiB that look random and are the same each time. */
function randomBlock(): Buffer {
  const pieces: Buffer[] = [];
  for (let n = 0; n < (8 << 20) / 64; n += 1) pieces.push(createHash('sha512').update(`block ${n}`).digest());
  return Buffer.concat(pieces);
}
