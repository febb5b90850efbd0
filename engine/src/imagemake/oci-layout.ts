// Writes an image of one layer as an OCI layout folder, and packs such a folder into an archive.
// Source: image-spec: image-layout.md, manifest.md, config.md.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TarInput, writeTar } from '@ignite/archive';
import { type LayerBlob, type LayerCompression, writeLayerBlob } from './layer-blob.ts';

/** The part of an image's configuration that says how it runs. */
export interface RunConfig {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly StopSignal?: string;
  readonly Labels?: Readonly<Record<string, string>>;
}

interface LayoutInput {
  /** Folder to make; must not exist or be empty. */
  readonly folder: string;
  /** Name of the image: `ignite-debian:bookworm`. */
  readonly reference: string;
  readonly architecture: string;
  readonly entries: AsyncIterable<TarInput> | Iterable<TarInput>;
  readonly compression: LayerCompression;
  readonly config: RunConfig;
  /** Seconds since 1970. */
  readonly created: number;
  /** What made it, for the history. */
  readonly createdBy: string;
}

interface Layout {
  readonly folder: string;
  readonly reference: string;
  readonly manifestDigest: string;
  readonly layer: LayerBlob;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const READ_BYTES = 1 << 20;

/** Writes the layer, the configuration, the manifest and the index of one image. */
export async function writeOciLayout(input: LayoutInput, signal: AbortSignal): Promise<Layout> {
  const blobs = join(input.folder, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const layer = await writeLayerBlob(blobs, writeTar(input.entries), input.compression, signal);
  const config = await writeJsonBlob(blobs, CONFIG, imageConfig(input, layer));
  const { mediaType, digest, size } = layer;
  const manifest = await writeJsonBlob(blobs, MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config,
    layers: [{ mediaType, digest, size }],
  });
  const tag = input.reference.slice(input.reference.lastIndexOf(':') + 1);
  const annotations = {
    'io.containerd.image.name': input.reference,
    'org.opencontainers.image.ref.name': tag,
  };
  const platform = { os: 'linux', architecture: input.architecture };
  await writeFile(join(input.folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(input.folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, platform, annotations }] }),
  );
  return { folder: input.folder, reference: input.reference, manifestDigest: manifest.digest, layer };
}

/** The folder as an OCI archive: a tar stream of its files, the same bytes for the same folder. */
export function archiveLayout(folder: string): AsyncGenerator<Uint8Array, void, undefined> {
  return writeTar(layoutEntries(folder));
}

async function* layoutEntries(folder: string): AsyncGenerator<TarInput, void> {
  const blobs = (await readdir(join(folder, 'blobs/sha256'))).toSorted();
  for (const name of ['blobs', 'blobs/sha256']) yield { type: 'directory', name };
  for (const name of ['oci-layout', 'index.json', ...blobs.map((blob) => `blobs/sha256/${blob}`)]) {
    const path = join(folder, name);
    const content = createReadStream(path, { highWaterMark: READ_BYTES });
    yield { type: 'file', name, size: (await stat(path)).size, content };
  }
}

function imageConfig(input: LayoutInput, layer: LayerBlob): unknown {
  const created = new Date(input.created * 1000).toISOString();
  return {
    created,
    architecture: input.architecture,
    os: 'linux',
    config: input.config,
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
    history: [{ created, created_by: input.createdBy }],
  };
}

async function writeJsonBlob(
  blobs: string,
  mediaType: string,
  value: unknown,
): Promise<{ readonly mediaType: string; readonly digest: string; readonly size: number }> {
  const bytes = Buffer.from(JSON.stringify(value));
  const hex = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(blobs, hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}
