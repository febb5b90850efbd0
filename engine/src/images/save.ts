// `save`: images of the store as one OCI archive (image-spec image-layout.md in a tar), which also has the list that
// `docker load` reads, so that every version of Docker takes it.
import { createReadStream } from 'node:fs';
import { formatReference, parseReference } from '@ignite/api';
import { type TarInput, writeTar } from '@ignite/archive';
import { findEntry, notHere, shownReference } from './catalogue.ts';
import type { ImagesContext } from './context.ts';
import { holdImage } from './held-image.ts';
import { OCI_INDEX } from './media-types.ts';
import type { ResolvedImage } from './resolve.ts';
import type { Descriptor } from './schema.ts';
import type { IndexEntry } from './store/index.ts';

const CHUNK = 1 << 20;
const FULL_NAME = 'io.containerd.image.name';
const REF_NAME = 'org.opencontainers.image.ref.name';

interface Saved {
  readonly entry: IndexEntry;
  readonly image: ResolvedImage;
}

/** Implements `Images.save`. */
export async function saveImages(
  context: ImagesContext,
  words: readonly string[],
): Promise<AsyncIterable<Uint8Array>> {
  using held = new DisposableStack();
  const saved: Saved[] = [];
  for (const word of words) {
    const entry = await findEntry(context, word, true);
    if (entry === undefined) throw notHere(word);
    if (saved.some((other) => other.entry.uid === entry.uid)) continue;
    const { image } = held.use(await holdImage(context, entry, word));
    saved.push({ entry, image });
  }
  return stream(context, saved, held.move());
}

async function* stream(
  context: ImagesContext,
  saved: readonly Saved[],
  held: DisposableStack,
): AsyncGenerator<Uint8Array> {
  using _ = held;
  yield* writeTar(entries(context, saved));
}

function* entries(context: ImagesContext, saved: readonly Saved[]): Generator<TarInput> {
  const folder = (name: string): TarInput => ({ type: 'directory', name, mode: 0o755 });
  yield document('oci-layout', { imageLayoutVersion: '1.0.0' });
  yield folder('blobs/');
  yield folder('blobs/sha256/');
  const blobs = new Map<string, TarInput>();
  for (const { image } of saved) {
    const { manifest } = image;
    blobs.set(image.digest, bytesEntry(blobName(image.digest), image.bytes));
    for (const blob of [manifest.config, ...manifest.layers])
      blobs.set(blob.digest, fileEntry(context, blob));
  }
  yield* blobs.values();
  yield document('index.json', indexOf(saved));
  yield document('manifest.json', saved.map(dockerEntry));
}

function indexOf(saved: readonly Saved[]): object {
  return {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: saved.map(({ entry, image }) => ({
      mediaType: image.mediaType,
      digest: image.digest,
      size: image.bytes.length,
      ...namesOf(entry),
    })),
  };
}

// As containerd and Docker write it: the full name, and the bare tag.
function namesOf({ reference }: IndexEntry): object {
  if (reference === undefined) return {};
  const { tag } = parseReference(reference);
  return {
    annotations: { [FULL_NAME]: reference, ...(tag === undefined ? {} : { [REF_NAME]: tag }) },
  };
}

function dockerEntry({ entry, image: { manifest } }: Saved): object {
  return {
    Config: blobName(manifest.config.digest),
    RepoTags: tagsOf(entry),
    Layers: manifest.layers.map((layer) => blobName(layer.digest)),
  };
}

// Docker's list knows tags, not digests.
function tagsOf({ reference }: IndexEntry): readonly string[] {
  if (reference === undefined) return [];
  const { digest: _, ...named } = parseReference(reference);
  return named.tag === undefined ? [] : [shownReference(formatReference(named))];
}

function fileEntry(context: ImagesContext, blob: Descriptor): TarInput {
  const content = {
    [Symbol.asyncIterator]: () =>
      createReadStream(context.paths.blob(blob.digest), { highWaterMark: CHUNK })[Symbol.asyncIterator](),
  };
  return { type: 'file', name: blobName(blob.digest), mode: 0o644, size: blob.size, content };
}

function document(name: string, value: unknown): TarInput {
  return bytesEntry(name, Buffer.from(JSON.stringify(value)));
}

function bytesEntry(name: string, bytes: Uint8Array): TarInput {
  return { type: 'file', name, mode: 0o644, size: bytes.length, content: [bytes] };
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}
