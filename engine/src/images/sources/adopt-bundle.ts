// All images of a bundle into the store: their documents and layers, not yet converted.
import { IgniteError } from '@ignite/api';
import type { ImportLimits } from '../limits.ts';
import type { ImagePaths } from '../store/index.ts';
import { adoptDescriptor } from './adopt.ts';
import type { Bundle } from './bundle.ts';
import { adoptDockerImage, type DockerImage, dockerImages, onceEach } from './docker-bundle.ts';
import { type BundledImage, ociImages } from './oci-bundle.ts';

export interface AdoptOptions {
  readonly paths: ImagePaths;
  readonly limits: ImportLimits;
  readonly architecture: string;
  readonly signal: AbortSignal;
}

/**
 * Copies the images of a bundle into the store. The caller keeps garbage collection off until they are listed.
 * @throws IgniteError `images/bad-archive` when it holds none, and what its parts are
 */
export async function adoptBundle(bundle: Bundle, options: AdoptOptions): Promise<readonly BundledImage[]> {
  const oci = await ociImages(bundle, options.architecture, options.limits);
  const docker = await dockerImages(bundle, options.limits);
  const images =
    oci === undefined ? await adoptDocker(bundle, docker ?? [], options) : namedBy(oci, docker ?? []);
  if (images.length === 0) throw new IgniteError('images/bad-archive', `${bundle.what} holds no image`);
  if (oci !== undefined) await adoptOci(bundle, images, options);
  return images;
}

async function adoptOci(
  bundle: Bundle,
  images: readonly BundledImage[],
  { paths, signal }: AdoptOptions,
): Promise<void> {
  for (const { manifest } of images) {
    for (const blob of [manifest.config, ...manifest.layers])
      await adoptDescriptor(paths, bundle, blob, signal);
  }
}

async function adoptDocker(
  bundle: Bundle,
  listed: readonly DockerImage[],
  { paths, limits, signal }: AdoptOptions,
): Promise<readonly BundledImage[]> {
  const images: BundledImage[] = [];
  const adopt = onceEach(paths, bundle, signal);
  for (const entry of listed) images.push(await adoptDockerImage(adopt, bundle, entry, limits));
  return images;
}

// Docker from version 25 writes both forms: the OCI index has the digests, manifest.json may be alone with the names.
function namedBy(images: readonly BundledImage[], docker: readonly DockerImage[]): readonly BundledImage[] {
  return images.map((image) => {
    const hex = image.manifest.config.digest.replace('sha256:', '');
    const tags = docker
      .filter((entry) => entry.Config.includes(hex))
      .flatMap((entry) => entry.RepoTags ?? []);
    return tags.length === 0 ? image : { ...image, names: tags };
  });
}
