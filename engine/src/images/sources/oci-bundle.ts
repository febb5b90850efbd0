// Images of an OCI layout, packed or as a folder (image-spec image-layout.md).
import { IgniteError } from '@ignite/api';
import type { ImportLimits } from '../limits.ts';
import { isIndexType, isManifestType, OCI_INDEX, OCI_MANIFEST } from '../media-types.ts';
import { choosePlatform } from '../platform.ts';
import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  parseIndex,
  parseManifest,
} from '../schema.ts';
import { digestOf } from '../digest.ts';
import { blobName } from './adopt.ts';
import { type Bundle, readDocument, requireFew } from './bundle.ts';

/** An image of a bundle: what it is called there, and its manifest. */
export interface BundledImage {
  readonly names: readonly string[];
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly manifest: ImageManifest;
}

/** containerd and Docker put the full name here; `ref.name` is then the bare tag. */
const FULL_NAME = 'io.containerd.image.name';
const REF_NAME = 'org.opencontainers.image.ref.name';
/** Of all images of an archive together: they stay in memory until it is stored. */
const MOST_MANIFEST_BYTES = 64 << 20;

/**
 * The images of the layout's index.json for this machine; undefined where the bundle is no layout.
 * @throws IgniteError `images/bad-archive`, `images/bad-manifest`, `images/wrong-architecture`
 */
export async function ociImages(
  bundle: Bundle,
  architecture: string,
  limits: ImportLimits,
): Promise<readonly BundledImage[] | undefined> {
  const bytes = await readDocument(bundle, 'index.json', limits.maxManifestBytes);
  if (bytes === undefined) return undefined;
  const index = parseIndex(bytes, `${bundle.what}'s index.json`);
  const images = new Map<string, BundledImage>();
  const listed = forThisMachine(index, architecture, bundle.what);
  requireFew(listed.length, bundle);
  let kept = 0;
  for (const entry of listed) {
    const image = await ociImage(bundle, entry, architecture, limits);
    const digest = digestOf(image.bytes);
    const twin = images.get(digest);
    if (twin === undefined) kept += image.bytes.length;
    if (kept > MOST_MANIFEST_BYTES)
      throw new IgniteError('images/too-large', `${bundle.what} has too many bytes of manifests`);
    images.set(digest, twin === undefined ? image : { ...twin, names: [...twin.names, ...image.names] });
  }
  return [...images.values()];
}

// A list may hold one image for several platforms, or attestations as well; entries that name no platform all count.
function forThisMachine(index: ImageIndex, architecture: string, what: string): readonly Descriptor[] {
  const fitting = index.manifests.filter(
    ({ platform }) => !platform || (platform.os === 'linux' && platform.architecture === architecture),
  );
  if (fitting.length > 0 || index.manifests.length === 0) return fitting;
  return [choosePlatform(index, architecture, what)]; // names what there is instead
}

async function ociImage(
  bundle: Bundle,
  entry: Descriptor,
  architecture: string,
  limits: ImportLimits,
): Promise<BundledImage> {
  const name = entry.annotations?.[FULL_NAME] ?? entry.annotations?.[REF_NAME];
  let descriptor = entry;
  let bytes = await readVerified(bundle, descriptor, limits);
  for (let depth = 0; isIndexType(typeOf(descriptor, bytes)); depth += 1) {
    if (depth > 2)
      throw new IgniteError('images/bad-archive', `${bundle.what} has indexes nested too deeply`);
    descriptor = choosePlatform(parseIndex(bytes, `Index ${descriptor.digest}`), architecture, bundle.what);
    bytes = await readVerified(bundle, descriptor, limits);
  }
  const mediaType = typeOf(descriptor, bytes);
  if (!isManifestType(mediaType))
    throw new IgniteError('images/unknown-manifest-type', `${bundle.what} holds a ${mediaType}`);
  const manifest = parseManifest(bytes, `Manifest ${descriptor.digest}`);
  return { names: name === undefined ? [] : [name], mediaType, bytes, manifest };
}

async function readVerified(
  bundle: Bundle,
  descriptor: Descriptor,
  limits: ImportLimits,
): Promise<Uint8Array> {
  const bytes = await readDocument(bundle, blobName(descriptor.digest), limits.maxManifestBytes);
  if (bytes === undefined)
    throw new IgniteError('images/bad-archive', `${bundle.what} lacks the document ${descriptor.digest}`);
  const found = digestOf(bytes);
  if (found === descriptor.digest) return bytes;
  throw new IgniteError(
    'images/digest-mismatch',
    `${bundle.what} has other bytes under ${descriptor.digest}`,
    {
      details: { wanted: descriptor.digest, found },
    },
  );
}

// Some tools leave the descriptor's type out; the document's own field then tells, or its shape.
function typeOf(descriptor: Descriptor, bytes: Uint8Array): string {
  if (descriptor.mediaType !== '') return descriptor.mediaType;
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('"manifests"') ? OCI_INDEX : OCI_MANIFEST;
}
