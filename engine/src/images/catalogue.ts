// References and their images: finding, listing, naming, removing.
import { familiarReference, formatReference, IgniteError, parseReference, withDefaultTag } from '@ignite/api';
import type { ImagesContext } from './context.ts';
import type { ImageRecord } from './port.ts';
import type { ResolvedImage } from './resolve.ts';
import { parseManifest } from './schema.ts';
import { type Conversion, type IndexEntry, readBlob, readConversion } from './store/index.ts';

/** The full form of a reference, `docker.io/library/nginx:latest`; undefined where the word is no reference. */
export function fullReference(text: string): string | undefined {
  try {
    return formatReference(withDefaultTag(parseReference(text)));
  } catch {
    return undefined; // a UID, or nothing of ours
  }
}

/** The form people see. */
export function shownReference(full: string): string {
  return familiarReference(parseReference(full));
}

/**
 * The entry of an exact reference or UID, or, where `prefix` allows it, of a unique UID prefix.
 * @throws IgniteError `images/ambiguous`
 */
export async function findEntry(
  context: ImagesContext,
  word: string,
  prefix: boolean,
): Promise<IndexEntry | undefined> {
  if (word === '') return undefined; // an empty word matches nothing (CLI rule 10)
  const entries = await context.index.read();
  const full = fullReference(word);
  const exact = entries.find((entry) => entry.reference === full && full !== undefined);
  const found = exact ?? byDigest(entries, full) ?? entries.find((entry) => entry.uid === word);
  if (found !== undefined || !prefix) return found;
  const [first, ...others] = entries.filter((entry) => entry.uid.startsWith(word));
  if (others.length === 0) return first;
  const names = [first, ...others].map((entry) => entry?.uid ?? '');
  throw new IgniteError(
    'images/ambiguous',
    `"${word}" begins the UIDs of several images: ${names.join(', ')}`,
    {
      details: { matches: names },
    },
  );
}

// `name@sha256:…` is any entry of that name with that content, whatever tag brought it here.
function byDigest(entries: readonly IndexEntry[], full: string | undefined): IndexEntry | undefined {
  const wanted = full === undefined ? undefined : parseReference(full);
  if (wanted?.digest === undefined) return undefined;
  return entries.find((entry) => {
    if (entry.manifestDigest !== wanted.digest || entry.reference === undefined) return false;
    const has = parseReference(entry.reference);
    return has.registry === wanted.registry && has.repository === wanted.repository;
  });
}

/** The error for an image that is not here, and must not or cannot be pulled. */
export function notHere(word: string): IgniteError {
  return new IgniteError('images/not-found', `There is no image ${word} on this host`);
}

/** The record other rooms see; undefined where the conversion's record is missing. */
export async function recordOf(context: ImagesContext, entry: IndexEntry): Promise<ImageRecord | undefined> {
  const conversion = await readConversion(context.paths, entry.manifestDigest);
  return conversion === undefined ? undefined : toRecord(context, entry, conversion);
}

/** Joins an entry and a conversion. */
export function toRecord(context: ImagesContext, entry: IndexEntry, conversion: Conversion): ImageRecord {
  const { manifestDigest, configDigest, size, architecture, config, init, hasSshd } = conversion;
  const { stopSignal, healthCheck, ...run } = config;
  return {
    reference: entry.reference === undefined ? '<none>' : shownReference(entry.reference),
    uid: entry.uid,
    created: entry.created,
    manifestDigest,
    configDigest,
    size,
    architecture,
    config: {
      ...run,
      ...(stopSignal === undefined ? {} : { stopSignal }),
      ...(healthCheck === undefined ? {} : { healthCheck }),
    },
    hasSshd,
    base: { path: context.paths.baseFile(manifestDigest, conversion.recipe), bytes: conversion.baseBytes },
    ...(init === undefined ? {} : { init }),
  };
}

/** The image of an entry, read back from the store. @throws IgniteError `images/store-broken` */
export async function storedImage(context: ImagesContext, entry: IndexEntry): Promise<ResolvedImage> {
  const bytes = await readBlob(context.paths, entry.manifestDigest);
  const manifest = parseManifest(bytes, `Manifest ${entry.manifestDigest}`);
  return { digest: entry.manifestDigest, mediaType: entry.manifestType, bytes, manifest };
}

/**
 * Points a reference at an image and returns its entry. The image it pointed at before loses the name and stays in the store.
 * @param onlyListed the image must be in the list: its files are not pinned, and may have been removed meanwhile
 * @throws IgniteError `images/not-found` where it is not
 */
export async function setReference(
  context: Pick<ImagesContext, 'index' | 'newUid' | 'clock'>,
  full: string,
  image: Pick<ResolvedImage, 'digest' | 'mediaType'> & { readonly size: number },
  { onlyListed = false } = {},
): Promise<IndexEntry> {
  let result: IndexEntry | undefined;
  await context.index.change((entries) => {
    if (onlyListed && !entries.some((entry) => entry.manifestDigest === image.digest)) return entries;
    const current = entries.find((entry) => entry.reference === full);
    if (current?.manifestDigest === image.digest) {
      result = current;
      return entries;
    }
    const nameless = entries.find(
      (entry) => entry.manifestDigest === image.digest && entry.reference === undefined,
    );
    const fresh: IndexEntry = {
      uid: nameless?.uid ?? context.newUid(),
      created: context.clock.now().toISOString(),
      manifestDigest: image.digest,
      manifestType: image.mediaType,
      manifestSize: image.size,
      reference: full,
    };
    result = fresh;
    const others = entries.filter((entry) => entry !== current && entry !== nameless);
    return [...others, ...withoutName(others, current), fresh];
  });
  if (result !== undefined) return result;
  throw new IgniteError('images/not-found', `The image ${image.digest} was removed meanwhile`);
}

function withoutName(others: readonly IndexEntry[], entry: IndexEntry | undefined): readonly IndexEntry[] {
  if (entry === undefined || others.some((other) => other.manifestDigest === entry.manifestDigest)) return [];
  const { reference: _, ...nameless } = entry;
  return [nameless];
}
