// Runs a worker over an image's layers while they arrive: the part that conversion and export have in common.
import { ftruncate } from 'node:fs';
import { promisify } from 'node:util';
import { IgniteError, isIgniteError } from '@ignite/api';
import type { ImagesContext } from './context.ts';
import type { Feed } from './feeds.ts';
import { shortDigest } from './digest.ts';
import { layerCompression } from './media-types.ts';
import type { RegistrySession } from './registry/index.ts';
import type { ResolvedImage } from './resolve.ts';
import { type ImageConfig, parseConfig } from './schema.ts';
import type { Caller } from '../work/index.ts';
import { readBlob } from './store/index.ts';
import { watchPace } from './watch-pace.ts';
import { type Answer, type Input, type Job, type JobLimits } from '../worker/index.ts';

/** A layer as it is described to the worker. */
export type JobLayer = Extract<Job, { kind: 'convert' }>['layers'][number];

/**
 * The image's configuration, fetched if need be.
 * @throws IgniteError `images/too-large`, `images/bad-manifest`, and what fetching throws
 */
export async function loadConfig(
  context: ImagesContext,
  image: ResolvedImage,
  session: RegistrySession | undefined,
  caller: Caller,
): Promise<ImageConfig> {
  const { config } = image.manifest;
  if (config.size > context.limits.maxConfigBytes)
    throw new IgniteError(
      'images/too-large',
      `The configuration of ${image.digest} has ${config.size} bytes`,
    );
  await using feed = await context.feeds.open(config, session, { ...caller, report: () => {} });
  await feed.done;
  return parseConfig(await readBlob(context.paths, config.digest), `Configuration ${config.digest}`);
}

/**
 * The layers as a job names them.
 * @throws IgniteError `images/unknown-layer-type`, `images/bad-manifest`, `images/too-large`
 */
export function jobLayers(
  context: ImagesContext,
  image: ResolvedImage,
  config: ImageConfig,
): readonly JobLayer[] {
  const { layers } = image.manifest;
  if (layers.length > context.limits.maxLayers)
    throw new IgniteError('images/too-large', `${image.digest} has ${layers.length} layers`);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== layers.length)
    throw new IgniteError(
      'images/bad-manifest',
      `${image.digest} has ${layers.length} layers, its configuration tells of ${diffIds.length}`,
    );
  return layers.map((layer, index) => ({
    digest: layer.digest,
    compression: layerCompression(layer.mediaType, layer.digest),
    size: layer.size,
    diffId: diffIds[index] ?? '',
  }));
}

/** The limits the worker itself keeps. */
export function jobLimits(context: ImagesContext): JobLimits {
  const { maxEntries, maxUnpackedBytes, maxRatio, ratioFreeBytes, devices } = context.limits;
  return { maxEntries, maxUnpackedBytes, maxRatio, ratioFreeBytes, devices };
}

/**
 * Runs a job over the layers of an image; layer i of a conversion is applied while later ones download. When it returns, every layer is
 * verified and stored.
 */
export async function runMergeJob(
  context: ImagesContext,
  image: ResolvedImage,
  job: Job,
  output: number,
  session: RegistrySession | undefined,
  caller: Caller,
): Promise<Answer> {
  const failed = new AbortController();
  const inner: Caller = { ...caller, signal: AbortSignal.any([caller.signal, failed.signal]) };
  await using stack = new AsyncDisposableStack();
  const running: Promise<unknown>[] = [];
  try {
    const feeds: Feed[] = [];
    for (const layer of image.manifest.layers) {
      const feed = stack.use(await context.feeds.open(layer, session, inner));
      feeds.push(feed);
      running.push(feed.done);
    }
    const downloads = Promise.all(running);
    const run = (signal: AbortSignal) =>
      context.workers.run({
        job,
        descriptors: [output],
        inputs: feeds.map(inputOf),
        onProgress: (layer, bytes) => tell(image, layer, bytes, caller),
        signal,
      });
    const work =
      job.kind === 'convert'
        ? whileTheyCome(feeds, image, inner.signal, run, async () => {
            await downloads;
            await promisify(ftruncate)(output, 0);
          })
        : downloads.then(() => run(inner.signal)); // it writes files, and could not be repeated
    running.push(work);
    const [answer] = await Promise.all([
      work.catch((error: unknown) => deeper(error, downloads, session)),
      downloads,
    ]);
    return answer;
  } finally {
    failed.abort();
    await Promise.allSettled(running);
  }
}

/**
 * Runs a worker beside the downloads. Where they hardly come on, it gives way to other images, and another one begins once
 * they are there.
 */
async function whileTheyCome(
  feeds: readonly Feed[],
  { manifest }: ResolvedImage,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<Answer>,
  awaitAll: () => Promise<void>,
): Promise<Answer> {
  const slow = new AbortController();
  const received = () => feeds.reduce((sum, feed) => sum + feed.available(), 0);
  const total = manifest.layers.reduce((sum, { size }) => sum + size, 0);
  using _pace = watchPace(received, total, () => slow.abort());
  try {
    return await run(AbortSignal.any([signal, slow.signal]));
  } catch (error) {
    if (!slow.signal.aborted || signal.aborted) throw error;
  }
  await awaitAll();
  return await run(signal);
}

function inputOf({ file, available, onGrowth }: Feed): Input {
  return { descriptor: file.fd, available, onGrowth };
}

function tell(image: ResolvedImage, layer: number, done: number, caller: Caller): void {
  const blob = image.manifest.layers[layer];
  if (blob === undefined) return;
  const id = shortDigest(blob.digest);
  caller.report({
    kind: 'bytes',
    id,
    label: `${id} Converting`,
    done: Math.min(done, blob.size),
    total: blob.size,
  });
}

// Bytes that make no sense may simply not be the ones that were promised: then that is the error to show.
async function deeper(
  error: unknown,
  downloads: Promise<unknown>,
  session: RegistrySession | undefined,
): Promise<never> {
  const senseless =
    isIgniteError(error, 'images/bad-layer') || isIgniteError(error, 'images/digest-mismatch');
  // A mirror's may also look like a bomb, or end the worker: the registry's own would not.
  const perhapsWrong = session?.mirrored === true && isIgniteError(error) && error.code.startsWith('images/');
  if (senseless || perhapsWrong) await downloads;
  throw error;
}
