// `exportFiles`: some files of an image in a scratch folder, for the kernels room. The image need not become a disk.
import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatReference, parseReference, withDefaultTag } from '@ignite/api';
import { askingOthers } from './asking-others.ts';
import { findEntry, notHere, shownReference } from './catalogue.ts';
import type { ImagesContext } from './context.ts';
import { digestsOf, localOrRemote, sessionFor } from './ensure.ts';
import { jobLayers, jobLimits, loadConfig, runMergeJob } from './merge-job.ts';
import type { ExportedFiles, ImageRequest } from './port.ts';
import { wrongArchitecture } from './platform.ts';
import type { RegistrySession } from './registry/index.ts';
import type { ResolvedImage } from './resolve.ts';

/** Implements `Images.exportFiles`. */
export async function exportImageFiles(
  context: ImagesContext,
  word: string,
  prefixes: readonly string[],
  request: ImageRequest,
): Promise<ExportedFiles> {
  const entry = request.pull === 'always' ? undefined : await findEntry(context, word, false);
  const reference = withDefaultTag(parseReference(entry?.reference ?? word));
  if (request.pull === 'never' && entry === undefined) throw notHere(formatReference(reference));
  await using session = request.pull === 'never' ? undefined : sessionFor(context, reference, request);
  const image = await localOrRemote(context, reference, entry, session, request.signal);
  try {
    using _ = await context.garbage.hold(digestsOf(image));
    const files = await askingOthers(session, request, () =>
      exportHeld(context, image, prefixes, session, request),
    );
    return { ...files, manifestDigest: image.digest, reference: shownReference(formatReference(reference)) };
  } finally {
    await context.garbage.collect(); // layers of an image that nobody listed
  }
}

async function exportHeld(
  context: ImagesContext,
  image: ResolvedImage,
  prefixes: readonly string[],
  session: RegistrySession | undefined,
  request: ImageRequest,
): Promise<Pick<ExportedFiles, 'path'> & AsyncDisposable> {
  const folder = await mkdtemp(join(context.paths.imports, 'export-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = await writeFiles(context, image, folder, prefixes, session, request);
    return { path, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function writeFiles(
  context: ImagesContext,
  image: ResolvedImage,
  folder: string,
  prefixes: readonly string[],
  session: RegistrySession | undefined,
  request: ImageRequest,
): Promise<string> {
  const config = await loadConfig(context, image, session, request);
  if (config.architecture !== context.architecture)
    throw wrongArchitecture(`Image ${image.digest}`, context.architecture, config.architecture);
  const layers = [...jobLayers(context, image, config)];
  const files = join(folder, 'files');
  await context.workers.makeFolder(files);
  const scratch = join(folder, 'scratch');
  await using output = await open(scratch, 'wx+', 0o600);
  await rm(scratch); // the descriptor is enough, and the space goes back with it
  const job = {
    kind: 'export' as const,
    layers,
    limits: jobLimits(context),
    prefixes: [...prefixes],
    folder: files,
  };
  await runMergeJob(context, image, job, output.fd, session, request);
  return files;
}
