// The media types we accept (image-spec media-types.md; Docker's "Image Manifest V 2, Schema 2").
import { IgniteError } from '@ignite/api';

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';
const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';

/** The `Accept` header of a manifest request. */
export const MANIFEST_ACCEPT = [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST].join(', ');

export type Compression = 'none' | 'gzip' | 'zstd';

/** Whether the type is an index (a list of manifests, one a platform). */
export function isIndexType(mediaType: string): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_INDEX;
}

/** Whether the type is an image manifest. */
export function isManifestType(mediaType: string): boolean {
  return mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST;
}

const LAYERS: ReadonlyMap<string, Compression> = new Map([
  [OCI_LAYER, 'none'],
  [`${OCI_LAYER}+gzip`, 'gzip'],
  [`${OCI_LAYER}+zstd`, 'zstd'],
  [DOCKER_LAYER, 'none'],
  [`${DOCKER_LAYER}.gzip`, 'gzip'],
  [`${DOCKER_LAYER}.zstd`, 'zstd'],
]);

/**
 * How a layer is compressed, from its media type.
 * @throws IgniteError `images/unknown-layer-type`, by name; foreign ("nondistributable") layers among them, because
 *   their bytes live outside the registry
 */
export function layerCompression(mediaType: string, digest: string): Compression {
  const compression = LAYERS.get(mediaType);
  if (compression !== undefined) return compression;
  const foreign = mediaType.includes('nondistributable') || mediaType.includes('foreign');
  const what = foreign ? 'is a foreign layer' : 'has a type that is no file system layer';
  throw new IgniteError('images/unknown-layer-type', `Layer ${digest} ${what}: ${mediaType}`, {
    details: { digest, mediaType },
  });
}
