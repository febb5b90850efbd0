// Images of a `docker save` archive (moby, image/spec/v1.2.md, "Combined Image JSON + Filesystem Changeset Format"):
// manifest.json lists configurations, names and layers; we write the OCI manifest that belongs to them.
import { IgniteError } from '@ignite/api';
import { z } from 'zod';
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../media-types.ts';
import type { ImportLimits } from '../limits.ts';
import { parse, parseManifest } from '../schema.ts';
import type { ImagePaths } from '../store/index.ts';
import { type Adopted, adoptFile } from './adopt.ts';
import { type Bundle, readDocument, requireFew } from './bundle.ts';
import { compressionOf } from './compression.ts';
import type { BundledImage } from './oci-bundle.ts';

const manifestSchema = z.array(
  z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }),
);

/** One image as manifest.json describes it. */
export type DockerImage = z.infer<typeof manifestSchema>[number];

/**
 * The list in manifest.json; undefined where the bundle has none.
 * @throws IgniteError `images/bad-manifest`, `images/too-large`
 */
export async function dockerImages(
  bundle: Bundle,
  limits: ImportLimits,
): Promise<readonly DockerImage[] | undefined> {
  const bytes = await readDocument(bundle, 'manifest.json', limits.maxManifestBytes);
  if (bytes === undefined) return undefined;
  const images = parse(manifestSchema, bytes, `${bundle.what}'s manifest.json`);
  requireFew(
    images.reduce((sum, { RepoTags }) => sum + Math.max(1, RepoTags?.length ?? 0), 0),
    bundle,
  );
  return images;
}

/**
 * A way to copy files of the bundle into the store that copies each once, however many images and layers name it. The
 * caller keeps what is in the store there.
 */
export function onceEach(
  paths: ImagePaths,
  bundle: Bundle,
  signal: AbortSignal,
): (name: string) => Promise<Adopted> {
  const known = new Map<string, Adopted>();
  return async (name) => {
    const adopted = known.get(name) ?? (await adoptFile(paths, bundle, name, signal));
    known.set(name, adopted);
    return adopted;
  };
}

/**
 * Copies configuration and layers of one image into the store and makes its manifest.
 * @param adopt see onceEach
 * @throws IgniteError `images/bad-archive`, `images/too-large`
 */
export async function adoptDockerImage(
  adopt: (name: string) => Promise<Adopted>,
  bundle: Bundle,
  image: DockerImage,
  limits: ImportLimits,
): Promise<BundledImage> {
  if (image.Layers.length > limits.maxLayers)
    throw new IgniteError('images/too-large', `${bundle.what} has an image of ${image.Layers.length} layers`);
  const config = await adopt(image.Config);
  const layers: Adopted[] = [];
  for (const name of image.Layers) layers.push(await adopt(name));
  const document = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: config.digest, size: config.size },
    layers: layers.map(({ digest, size, magic }) => ({ mediaType: layerType(magic), digest, size })),
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const manifest = parseManifest(bytes, `${bundle.what}'s manifest`);
  return { names: image.RepoTags ?? [], mediaType: OCI_MANIFEST, bytes, manifest };
}

function layerType(magic: Uint8Array): string {
  const compression = compressionOf(magic);
  return compression === 'none' ? OCI_LAYER : `${OCI_LAYER}+${compression}`;
}
