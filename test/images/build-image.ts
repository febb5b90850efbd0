// Builds small OCI images for tests from a description in JavaScript: no tool, no daemon, the same bytes each time.
import { createHash } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type TarInput, writeTar } from '@ignite/archive';

export interface LayerInput {
  readonly entries?: readonly TarInput[];
  /** The tar as it is, for broken ones. */
  readonly tar?: Uint8Array;
  readonly compression?: 'none' | 'gzip' | 'zstd';
  /** Instead of the type that fits the compression. */
  readonly mediaType?: string;
}

export interface ImageInput {
  readonly layers: readonly LayerInput[];
  readonly architecture?: string;
  /** The `config` part of the image configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Docker's media types instead of OCI's. */
  readonly docker?: boolean;
}

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly bytes: Uint8Array;
}

export interface BuiltImage {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
  /** Uncompressed layers. */
  readonly tars: readonly Uint8Array[];
}

/** The machine's architecture in the words of images. */
export const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

/** Builds an image. */
export async function buildImage(input: ImageInput): Promise<BuiltImage> {
  const tars: Uint8Array[] = [];
  for (const layer of input.layers) tars.push(layer.tar ?? (await tarOf(layer.entries ?? [])));
  const layers = tars.map((tar, index) => layerBlob(tar, input.layers[index] ?? {}, input.docker ?? false));
  const config = jsonBlob(
    input.docker
      ? 'application/vnd.docker.container.image.v1+json'
      : 'application/vnd.oci.image.config.v1+json',
    {
      architecture: input.architecture ?? ARCHITECTURE,
      os: 'linux',
      config: input.config ?? {},
      rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
    },
  );
  const mediaType = input.docker
    ? 'application/vnd.docker.distribution.manifest.v2+json'
    : 'application/vnd.oci.image.manifest.v1+json';
  const manifest = jsonBlob(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: layers.map(descriptor),
  });
  return { manifest, config, layers, tars };
}

/** An index of images, one a platform. */
export function buildIndex(
  images: readonly { readonly image: BuiltImage; readonly platform: Readonly<Record<string, string>> }[],
): Blob {
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifests = images.map(({ image, platform }) => ({ ...descriptor(image.manifest), platform }));
  return jsonBlob(mediaType, { schemaVersion: 2, mediaType, manifests });
}

/** A tar archive of entries. */
export async function tarOf(entries: readonly TarInput[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeTar(entries)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** A regular file with text. */
export function file(name: string, text: string | Uint8Array, more: Partial<TarInput> = {}): TarInput {
  const content = Buffer.from(text);
  return { type: 'file', name, size: content.length, content: [content], ...more };
}

/** A directory. */
export function directory(name: string, more: Partial<TarInput> = {}): TarInput {
  return { type: 'directory', name, mode: 0o755, ...more };
}

/** A symbolic link. */
export function symlink(name: string, linkName: string): TarInput {
  return { type: 'symlink', name, linkName, mode: 0o777 };
}

/** The digest of bytes. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The fields of a descriptor. */
export function descriptor(blob: Blob): { mediaType: string; digest: string; size: number } {
  return { mediaType: blob.mediaType, digest: blob.digest, size: blob.size };
}

/** A JSON document as a blob. */
export function jsonBlob(mediaType: string, document: unknown): Blob {
  return asBlob(mediaType, Buffer.from(JSON.stringify(document)));
}

function layerBlob(tar: Uint8Array, layer: LayerInput, docker: boolean): Blob {
  const compression = layer.compression ?? 'gzip';
  const bytes =
    compression === 'gzip'
      ? gzipSync(tar, { level: 1 })
      : compression === 'zstd'
        ? zstdCompressSync(tar)
        : tar;
  const oci = `application/vnd.oci.image.layer.v1.tar${compression === 'none' ? '' : `+${compression}`}`;
  const old = `application/vnd.docker.image.rootfs.diff.tar${compression === 'none' ? '' : `.${compression}`}`;
  return asBlob(layer.mediaType ?? (docker ? old : oci), bytes);
}

function asBlob(mediaType: string, bytes: Uint8Array): Blob {
  return { mediaType, digest: sha256(bytes), size: bytes.length, bytes };
}
