// From a reference to the one manifest that this machine would run.
import { formatReference, IgniteError, type Reference } from '@ignite/api';
import { isIndexType, isManifestType } from './media-types.ts';
import { choosePlatform } from './platform.ts';
import type { Document, RegistrySession } from './registry/index.ts';
import { type ImageManifest, parseIndex, parseManifest } from './schema.ts';

/** An image as its source names it; nothing but the manifest has been read. */
export interface ResolvedImage {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly manifest: ImageManifest;
}

/**
 * Asks the registry.
 * @throws IgniteError `images/not-found`, `images/unauthorized`, `images/registry-down`, `images/wrong-architecture`,
 *   `images/unknown-manifest-type`, `images/bad-manifest`
 */
export async function resolveRemote(
  reference: Reference,
  session: RegistrySession,
  architecture: string,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const name = formatReference(reference);
  let document = await session.manifest(reference.digest ?? reference.tag ?? 'latest', signal);
  if (isIndexType(kindOf(document))) {
    const chosen = choosePlatform(parseIndex(document.bytes, `Index of ${name}`), architecture, name);
    document = await session.manifest(chosen.digest, signal);
  }
  const mediaType = kindOf(document);
  if (!isManifestType(mediaType))
    throw new IgniteError(
      'images/unknown-manifest-type',
      `${name} is no image but a ${mediaType || 'thing'}`,
    );
  const manifest = parseManifest(document.bytes, `Manifest of ${name}`);
  return { digest: document.digest, mediaType, bytes: document.bytes, manifest };
}

// The registry's word counts; registries that say only `application/json` are asked for the document's own.
function kindOf(document: Document): string {
  if (isIndexType(document.mediaType) || isManifestType(document.mediaType)) return document.mediaType;
  const text = Buffer.from(document.bytes).toString('utf8');
  const own = /"mediaType"\s*:\s*"([^"]{1,200})"/.exec(text.slice(0, 4096))?.[1];
  return own ?? document.mediaType;
}
