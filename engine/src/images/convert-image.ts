// Converts one manifest to a base disk: once for all concurrent requests, and completely or not at all.
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { hasErrno, syncDirectory } from '../host/index.ts';
import type { ImagesContext } from './context.ts';
import { requireSpace } from './disk-space.ts';
import { type JobLayer, jobLayers, jobLimits, loadConfig, runMergeJob } from './merge-job.ts';
import { wrongArchitecture } from './platform.ts';
import type { RegistrySession } from './registry/index.ts';
import type { ResolvedImage } from './resolve.ts';
import { runConfigOf } from './run-config.ts';
import type { ImageConfig } from './schema.ts';
import { askingOthers } from './asking-others.ts';
import type { Caller } from '../work/index.ts';
import { type Conversion, hasBlob, putBlob, readConversion, RECIPE, writeConversion } from './store/index.ts';

/** Unpacked bytes per byte of a layer that free space is asked for: what layers of distributions have. */
const USUAL_RATIO: Readonly<Record<JobLayer['compression'], number>> = { none: 1, gzip: 3, zstd: 3.5 };
/** Journal, inode tables and room to breathe of a base disk. */
const OVERHEAD_BYTES = 64 << 20;
const LABEL = 'ignite-root';

/**
 * The conversion of a manifest, made now if there is none; parallel calls for one registry share it.
 * The caller holds the image's digests pinned until it has listed them.
 * @param what names the image in errors
 * @param session where missing blobs come from; absent: only from the store
 */
export async function convertImage(
  context: ImagesContext,
  image: ResolvedImage,
  what: string,
  session: RegistrySession | undefined,
  caller: Caller,
): Promise<Conversion> {
  const done = await usableConversion(context, image.digest);
  if (done !== undefined && (await hasAllBlobs(context, image))) return done;
  // A registry that is slow or wrong must not affect imports from another one: both may convert, to the same bytes.
  const key = session === undefined ? image.digest : `${session.registry} ${image.digest}`;
  return context.conversions.run(key, caller, async (shared) => {
    using _ = session?.retain(); // its caller may leave before the others
    return await askingOthers(session, shared, () => convertNow(context, image, what, session, shared));
  });
}

/** The record of a manifest whose base disk is there and of the current recipe. */
export async function usableConversion(
  context: ImagesContext,
  digest: string,
): Promise<Conversion | undefined> {
  const record = await readConversion(context.paths, digest);
  if (record?.recipe !== RECIPE) return undefined;
  try {
    return (await stat(context.paths.baseFile(digest))).size === record.baseBytes ? record : undefined;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function hasAllBlobs(context: ImagesContext, image: ResolvedImage): Promise<boolean> {
  for (const blob of [image.manifest.config, ...image.manifest.layers])
    if (!(await hasBlob(context.paths, blob))) return false;
  return hasBlob(context.paths, { digest: image.digest, size: image.bytes.length });
}

async function convertNow(
  context: ImagesContext,
  image: ResolvedImage,
  what: string,
  session: RegistrySession | undefined,
  caller: Caller,
): Promise<Conversion> {
  const config = await loadConfig(context, image, session, caller);
  if (config.architecture !== context.architecture || config.os !== 'linux')
    throw wrongArchitecture(what, context.architecture, foundPlatform(config));
  const layers = [...jobLayers(context, image, config)];
  await requireSpaceFor(context, layers, what);
  caller.report({ kind: 'stage', name: session === undefined ? 'convert' : 'pull' });

  const folder = await mkdtemp(join(context.paths.imports, 'convert-'));
  try {
    const file = join(folder, 'base.ext4');
    const job = {
      kind: 'convert' as const,
      layers,
      limits: jobLimits(context),
      label: LABEL,
      ...seeds(image.digest),
    };
    const found = await writeBase(context, image, job, file, session, caller);
    await putBlob(context.paths, image.bytes);
    await rename(file, context.paths.baseFile(image.digest));
    await syncDirectory(context.paths.base);
    const record = conversionOf(image, config, found);
    await writeConversion(context.paths, record);
    return record;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type ConvertJob = Parameters<typeof runMergeJob>[2];
type Found = Extract<Awaited<ReturnType<typeof runMergeJob>>, { type: 'converted' }>['found'];

async function writeBase(
  context: ImagesContext,
  image: ResolvedImage,
  job: ConvertJob,
  file: string,
  session: RegistrySession | undefined,
  caller: Caller,
): Promise<Found> {
  await using output = await open(file, 'wx+', 0o600);
  const answer = await runMergeJob(context, image, job, output.fd, session, caller);
  const size = (await output.stat()).size;
  if (answer.type !== 'converted' || size !== answer.found.bytes)
    throw new IgniteError('images/worker-died', 'The import worker answered with something else than a disk');
  await output.sync();
  await chmod(file, 0o444);
  return answer.found;
}

function conversionOf(image: ResolvedImage, config: ImageConfig, found: Found): Conversion {
  const run = runConfigOf(config);
  return {
    format: 1,
    manifestDigest: image.digest,
    configDigest: image.manifest.config.digest,
    recipe: RECIPE,
    size: found.size,
    entries: found.entries,
    architecture: config.architecture,
    config: {
      ...run,
      entrypoint: [...run.entrypoint],
      cmd: [...run.cmd],
      env: [...run.env],
      exposedPorts: [...run.exposedPorts],
    },
    hasSshd: found.hasSshd,
    baseBytes: found.bytes,
    ...(found.init === undefined ? {} : { init: found.init }),
  };
}

async function requireSpaceFor(
  context: ImagesContext,
  layers: readonly JobLayer[],
  what: string,
): Promise<void> {
  let bytes = OVERHEAD_BYTES;
  for (const layer of layers) {
    const download = (await hasBlob(context.paths, layer)) ? 0 : layer.size;
    bytes += Math.ceil(layer.size * USUAL_RATIO[layer.compression]) + download;
  }
  await requireSpace(context.paths.root, bytes, what);
}

// The same image gives the same bytes everywhere: identifiers come from its digest.
function seeds(digest: string): { uuid: string; hashSeed: string } {
  const derive = (purpose: string) =>
    createHash('sha256').update(`${purpose} ${digest}`).digest('hex').slice(0, 32);
  return { uuid: derive('uuid'), hashSeed: derive('hash') };
}

function foundPlatform(config: ImageConfig): string {
  return config.os === 'linux' ? config.architecture : `${config.os}/${config.architecture}`;
}
