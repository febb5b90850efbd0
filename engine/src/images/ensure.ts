// `ensure`: the image under a reference, from the store where the policy allows, else from its registry.
import { parseReference, withDefaultTag, formatReference, type Reference } from '@ignite/api';
import { findEntry, notHere, setReference, storedImage, toRecord } from './catalogue.ts';
import type { ImagesContext } from './context.ts';
import { convertImage, usableConversion } from './convert-image.ts';
import type { ImageRecord, ImageRequest } from './port.ts';
import { openSession, type RegistrySession } from './registry/index.ts';
import { type ResolvedImage, resolveRemote } from './resolve.ts';
import { hasBlob, type IndexEntry } from './store/index.ts';

/** Implements `Images.ensure`. */
export async function ensureImage(
  context: ImagesContext,
  word: string,
  request: ImageRequest,
): Promise<ImageRecord> {
  const entry = request.pull === 'always' ? undefined : await findEntry(context, word, false);
  const ready = entry === undefined ? undefined : await usableConversion(context, entry.manifestDigest);
  if (entry !== undefined && ready !== undefined) return toRecord(context, entry, ready);
  const reference = withDefaultTag(parseReference(entry?.reference ?? word));
  if (request.pull === 'never' && entry === undefined) throw notHere(formatReference(reference));

  await using session = request.pull === 'never' ? undefined : sessionFor(context, reference, request);
  const image = await localOrRemote(context, reference, entry, session, request.signal);
  try {
    return await enter(context, reference, entry, image, session, request);
  } catch (error) {
    await context.garbage.collect();
    throw error;
  }
}

async function enter(
  context: ImagesContext,
  reference: Reference,
  known: IndexEntry | undefined,
  image: ResolvedImage,
  session: RegistrySession | undefined,
  request: ImageRequest,
): Promise<ImageRecord> {
  using _ = await context.garbage.hold(digestsOf(image));
  const name = formatReference(reference);
  const conversion = await convertImage(context, image, name, session, request);
  const entry =
    known?.manifestDigest === image.digest
      ? known
      : await setReference(context, name, { ...image, size: image.bytes.length });
  return toRecord(context, entry, conversion);
}

/** Opens the registry of a reference with what the request brings. */
export function sessionFor(
  context: ImagesContext,
  reference: Reference,
  request: ImageRequest,
): RegistrySession {
  return openSession({
    reference,
    credentials: request.credentials ?? [],
    insecureRegistries: request.insecureRegistries ?? [],
    settings: context.registry,
    clock: context.clock,
    maxManifestBytes: context.limits.maxManifestBytes,
  });
}

/** Every digest an image consists of. */
export function digestsOf(image: ResolvedImage): readonly string[] {
  return [image.digest, image.manifest.config.digest, ...image.manifest.layers.map((layer) => layer.digest)];
}

/** The image of a local entry whose manifest is still there, else what the registry says. */
export async function localOrRemote(
  context: ImagesContext,
  reference: Reference,
  entry: IndexEntry | undefined,
  session: RegistrySession | undefined,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const stored =
    entry !== undefined &&
    (session === undefined ||
      (await hasBlob(context.paths, { digest: entry.manifestDigest, size: entry.manifestSize })));
  if (stored) return storedImage(context, entry);
  if (session === undefined) throw notHere(formatReference(reference));
  return resolveRemote(reference, session, context.architecture, signal);
}
