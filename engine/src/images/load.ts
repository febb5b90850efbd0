// `load`: all images of an archive or of an OCI layout folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { fullReference, setReference, toRecord } from './catalogue.ts';
import type { ImagesContext } from './context.ts';
import { convertImage } from './convert-image.ts';
import { digestOf } from './digest.ts';
import { requireSpace } from './disk-space.ts';
import { jobLimits } from './merge-job.ts';
import type { ImageRecord, LoadOptions, LoadSource } from './port.ts';
import {
  adoptBundle,
  adoptRootfs,
  type Bundle,
  type BundledImage,
  folderBundle,
  unpackedBundle,
} from './sources/index.ts';
import type { ResolvedImage } from './resolve.ts';
import { type Conversion, putBlob } from './store/index.ts';

/** Files of an archive: documents and layers, not the files in them. */
const ARCHIVE_ENTRIES = 20_000;

/** Implements `Images.load`. */
export async function loadImages(
  context: ImagesContext,
  source: LoadSource,
  options: LoadOptions,
): Promise<readonly ImageRecord[]> {
  try {
    using _ = await context.garbage.holdAll();
    return await loadHeld(context, source, options);
  } finally {
    await context.garbage.collect();
  }
}

async function loadHeld(
  context: ImagesContext,
  source: LoadSource,
  options: LoadOptions,
): Promise<readonly ImageRecord[]> {
  const folder = await mkdtemp(join(context.paths.imports, 'load-'));
  try {
    // For a moment its files are there twice: unpacked, and in the store.
    if (options.bytes !== undefined) await requireSpace(context.paths.root, options.bytes * 2, 'The archive');
    options.report({ kind: 'stage', name: 'load' });
    const named = await adopt(context, folder, source, options);
    await rm(folder, { recursive: true, force: true }); // its bytes are in the store now
    const converted: Converted[] = [];
    for (const { image, names } of named) converted.push(await convert(context, image, names, options));
    const records: ImageRecord[] = []; // all are fit before one is listed
    for (const image of converted) records.push(...(await list(context, image)));
    return records;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Named {
  readonly image: BundledImage;
  readonly names: readonly string[];
}

async function adopt(
  context: ImagesContext,
  folder: string,
  source: LoadSource,
  options: LoadOptions,
): Promise<readonly Named[]> {
  const { paths, limits, architecture } = context;
  const bundle =
    source.kind === 'layout' ? folderBundle(source.path) : await unpack(context, folder, source, options);
  const adopting = { paths, limits, architecture, signal: options.signal };
  const images =
    source.kind === 'rootfs'
      ? [await adoptRootfs(bundle, source.config, adopting)]
      : await adoptBundle(bundle, adopting);
  return images.map((image) => ({ image, names: namesOf(image, images.length, bundle, options) }));
}

async function unpack(
  context: ImagesContext,
  folder: string,
  source: Exclude<LoadSource, { kind: 'layout' }>,
  options: LoadOptions,
): Promise<Bundle> {
  const files = join(folder, 'files');
  await context.workers.makeFolder(files);
  const limits = { ...jobLimits(context), maxEntries: ARCHIVE_ENTRIES };
  const kind = source.kind === 'rootfs' ? ('plain' as const) : ('unpack' as const);
  const run = { job: { kind, folder: files, limits }, stdin: source.stream, signal: options.signal };
  const answer = await context.workers.run(run);
  if (answer.type !== 'unpacked')
    throw new IgniteError('images/worker-died', 'The import worker answered with something else than files');
  return unpackedBundle(files, answer.archive);
}

interface Converted {
  readonly image: ResolvedImage;
  readonly names: readonly string[];
  readonly conversion: Conversion;
}

async function convert(
  context: ImagesContext,
  { mediaType, bytes, manifest }: BundledImage,
  names: readonly string[],
  options: LoadOptions,
): Promise<Converted> {
  await putBlob(context.paths, bytes);
  const image = { digest: digestOf(bytes), mediaType, bytes, manifest };
  const conversion = await convertImage(context, image, names[0] ?? image.digest, undefined, options);
  return { image, names, conversion };
}

async function list(context: ImagesContext, { image, names, conversion }: Converted): Promise<ImageRecord[]> {
  const records: ImageRecord[] = [];
  for (const name of names) {
    const entry = await setReference(context, name, { ...image, size: image.bytes.length });
    records.push(toRecord(context, entry, conversion));
  }
  return records;
}

// The name asked for wins, where there is only one image to give it to.
function namesOf(
  image: BundledImage,
  count: number,
  bundle: Bundle,
  options: LoadOptions,
): readonly string[] {
  const { reference } = options;
  if (reference !== undefined && count > 1)
    throw new IgniteError(
      'images/bad-archive',
      `${bundle.what} holds ${count} images: they cannot share one name`,
    );
  const words = reference === undefined ? image.names : [reference];
  const names = words.map((word) => fullReference(word)).filter((name) => name !== undefined);
  if (names.length > 0) return names;
  const bad = words.length === 0 ? 'does not name its image' : `calls its image "${words.join(', ')}"`;
  throw new IgniteError('images/bad-archive', `${bundle.what} ${bad}: give it a reference`);
}
