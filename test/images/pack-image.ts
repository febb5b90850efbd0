// Test images in the forms that people hand around: `docker save` archive, OCI archive, OCI layout folder.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Blob, type BuiltImage, descriptor, file, tarOf } from './build-image.ts';

/** An archive as `docker save` wrote it before Docker 25. */
export function dockerArchive(image: BuiltImage, tags: readonly string[]): Promise<Uint8Array> {
  const hex = (digest: string) => digest.replace('sha256:', '');
  const layers = image.tars.map((tar, index) => ({ name: `${index}abc/layer.tar`, tar }));
  const config = `${hex(image.config.digest)}.json`;
  const manifest = [{ Config: config, RepoTags: tags, Layers: layers.map((layer) => layer.name) }];
  return tarOf([
    ...layers.map((layer) => file(layer.name, layer.tar)),
    file(config, image.config.bytes),
    file('manifest.json', JSON.stringify(manifest)),
  ]);
}

/** An OCI layout in a tar. */
export function ociArchive(image: BuiltImage, name: string | undefined): Promise<Uint8Array> {
  return tarOf(layoutFiles(image, name).map(([path, bytes]) => file(path, bytes)));
}

/** An archive as Docker 25 and later write it: an OCI layout, and beside it the old list with the names. */
export function dockerArchiveWithLayout(image: BuiltImage, tags: readonly string[]): Promise<Uint8Array> {
  const path = (blob: Blob) => `blobs/${blob.digest.replace(':', '/')}`;
  const list = [{ Config: path(image.config), RepoTags: tags, Layers: image.layers.map(path) }];
  const files = [
    ...layoutFiles(image, 'latest'),
    ['manifest.json', Buffer.from(JSON.stringify(list))] as const,
  ];
  return tarOf(files.map(([name, bytes]) => file(name, bytes)));
}

/** An OCI layout folder. */
export async function writeLayout(
  image: BuiltImage,
  name: string | undefined,
  folder: string,
): Promise<void> {
  for (const [path, bytes] of layoutFiles(image, name)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

function layoutFiles(
  image: BuiltImage,
  name: string | undefined,
): readonly (readonly [string, Uint8Array])[] {
  const annotations = name === undefined ? {} : { 'org.opencontainers.image.ref.name': name };
  const index = { schemaVersion: 2, manifests: [{ ...descriptor(image.manifest), annotations }] };
  const blob = (entry: Blob) => [`blobs/${entry.digest.replace(':', '/')}`, entry.bytes] as const;
  return [
    ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', Buffer.from(JSON.stringify(index))],
    ...[image.manifest, image.config, ...image.layers].map(blob),
  ];
}
