// `push`: an image of the store to a registry, byte for byte as it came.
import { createReadStream } from 'node:fs';
import { familiarReference, formatReference, IgniteError, parseReference, withDefaultTag } from '@ignite/api';
import { findEntry, notHere } from './catalogue.ts';
import type { ImagesContext } from './context.ts';
import { shortDigest } from './digest.ts';
import { holdImage } from './held-image.ts';
import { createLimiter } from '../work/index.ts';
import type { ImageRequest, PushedImage } from './port.ts';
import { openPushSession, type PushSession } from './registry/index.ts';
import type { ResolvedImage } from './resolve.ts';
import type { Descriptor } from './schema.ts';

const PARALLEL_UPLOADS = 3;
const CHUNK = 1 << 20;

/** Implements `Images.push`. */
export async function pushImage(
  context: ImagesContext,
  word: string,
  target: string | undefined,
  request: Omit<ImageRequest, 'pull'>,
): Promise<PushedImage> {
  const entry = await findEntry(context, word, true);
  if (entry === undefined) throw notHere(word);
  const own = entry.reference === undefined ? undefined : parseReference(entry.reference);
  const reference = target === undefined ? own : withDefaultTag(parseReference(target));
  if (reference === undefined)
    throw new IgniteError('api/invalid-reference', `Image ${word} has no name to push it under: give one`);
  using held = await holdImage(context, entry, word);
  const { image } = held;
  await using session = openPushSession({
    reference,
    credentials: request.credentials ?? [],
    insecureRegistries: request.insecureRegistries ?? [],
    settings: context.registry,
    clock: context.clock,
    maxManifestBytes: context.limits.maxManifestBytes,
  });
  // What came from the same registry is there already, under another name.
  const from =
    own?.registry === reference.registry && own.repository !== reference.repository
      ? own.repository
      : undefined;
  request.report({ kind: 'stage', name: 'push' });
  await pushBlobs(context, session, image, from, request);
  const name = reference.tag ?? image.digest;
  await session.manifest(name, image.mediaType, image.bytes, request.signal);
  request.report({ kind: 'note', text: `${formatReference(reference)}: digest ${image.digest}` });
  return { reference: familiarReference(reference), digest: image.digest, size: image.bytes.length };
}

async function pushBlobs(
  context: ImagesContext,
  session: PushSession,
  { manifest }: ResolvedImage,
  from: string | undefined,
  request: Omit<ImageRequest, 'pull'>,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  const limiter = createLimiter(PARALLEL_UPLOADS);
  const blobs = new Map([manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob]));
  const upload = async (blob: Descriptor): Promise<void> => {
    try {
      using _ = await limiter.enter(signal);
      await pushBlob(context, session, blob, from, { ...request, signal });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  const uploads = [...blobs.values()].map(upload);
  try {
    await Promise.all(uploads);
  } finally {
    await Promise.allSettled(uploads);
  }
}

async function pushBlob(
  context: ImagesContext,
  session: PushSession,
  blob: Descriptor,
  from: string | undefined,
  { report, signal }: Omit<ImageRequest, 'pull'>,
): Promise<void> {
  const id = shortDigest(blob.digest);
  const tell = (what: string, done: number) =>
    report({ kind: 'bytes', id, label: `${id} ${what}`, done, total: blob.size });
  const open = async function* (): AsyncGenerator<Uint8Array> {
    let done = 0;
    const path = context.paths.blob(blob.digest);
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
      yield chunk;
      done += chunk.length;
      tell('Pushing', done);
    }
  };
  const arrival = await session.blob(blob, from, open, signal);
  if (arrival !== 'sent') tell(arrival === 'there' ? 'Already there' : 'Mounted', blob.size);
}
