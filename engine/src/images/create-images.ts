// Opens the images room: the store of a state directory with all operations on it.
import { randomBytes } from 'node:crypto';
import { IgniteError } from '@ignite/api';
import type { Clock, Commands } from '../host/index.ts';
import {
  findEntry,
  fullReference,
  notHere,
  recordOf,
  setReference,
  shownReference,
  storedImage,
} from './catalogue.ts';
import type { ImagesContext } from './context.ts';
import { ensureImage } from './ensure.ts';
import { exportImageFiles } from './export-image.ts';
import { createFeeds } from './feeds.ts';
import { defaultLimits, type ImportLimits } from './limits.ts';
import { loadImages } from './load.ts';
import { loginToRegistry } from './login.ts';
import type { ImageRecord, Images, Pruned } from './port.ts';
import { pushImage } from './push.ts';
import { saveImages } from './save.ts';
import { defaultRegistrySettings, keepSecureContexts, type RegistrySettings } from './registry/index.ts';
import {
  type Conversion,
  createCollector,
  createPins,
  imagePaths,
  type IndexEntry,
  openIndexFile,
  prepareStore,
} from './store/index.ts';
import { createLimiter, createSharedWork } from '../work/index.ts';
import { createWorkers, type WorkerUser } from '../worker/index.ts';

export interface ImagesOptions {
  /** `/var/lib/ignite`; the caller holds its lock. */
  readonly stateDirectory: string;
  readonly clock: Clock;
  readonly commands: Commands;
  /** Of the images that are chosen out of an index: `amd64`, `arm64`. */
  readonly architecture: string;
  /** Identity of the import worker; needed as root, without effect otherwise. */
  readonly workerUser: WorkerUser;
  readonly limits?: Partial<ImportLimits>;
  readonly registry?: Partial<RegistrySettings>;
  /** Downloads at once, over all imports; default 4. */
  readonly parallelDownloads?: number;
  /** Entry module of the worker, where the program is bundled. */
  readonly workerModule?: string;
}

const PARALLEL_DOWNLOADS = 4;
/** Each takes up to 200 MiB and keeps a core and a half busy. */
const PARALLEL_WORKERS = 3;

/** Opens the image store of a state directory and removes what a crash left there. */
export async function createImages(options: ImagesOptions): Promise<Images> {
  const context = makeContext(options);
  await prepareStore(context.paths);
  await context.garbage.collect();
  return {
    ensure: (reference, request) => ensureImage(context, reference, request),
    load: (source, request) => loadImages(context, source, request),
    async find(word) {
      const entry = await findEntry(context, word, true);
      return entry === undefined ? undefined : recordOf(context, entry);
    },
    list: () => listRecords(context),
    tag: (source, target) => tagImage(context, source, target),
    hold: (digest) => holdListed(context, digest),
    remove: (reference, inUse) => removeImage(context, reference, inUse),
    prune: (which) => pruneImages(context, which),
    save: (references) => saveImages(context, references),
    push: (reference, target, request) => pushImage(context, reference, target, request),
    login: (credentials, request) => loginToRegistry(context, credentials, request),
    exportFiles: (reference, prefixes, request) => exportImageFiles(context, reference, prefixes, request),
  };
}

function makeContext(options: ImagesOptions): ImagesContext {
  const paths = imagePaths(options.stateDirectory);
  const limits = { ...defaultLimits, ...options.limits };
  const secureContexts = keepSecureContexts();
  const registry = { ...defaultRegistrySettings, secureContexts, ...options.registry };
  const index = openIndexFile(paths.indexFile);
  return {
    paths,
    clock: options.clock,
    limits,
    registry,
    architecture: options.architecture,
    workers: createWorkers({
      ...(options.workerModule === undefined ? {} : { module: options.workerModule }),
      user: options.workerUser,
      memoryBytes: limits.maxMemoryBytes,
      atOnce: PARALLEL_WORKERS,
      commands: options.commands,
    }),
    index,
    leases: createPins(),
    feeds: createFeeds({
      paths,
      clock: options.clock,
      attempts: registry.attempts,
      backoffMs: registry.backoffMs,
      limiter: createLimiter(options.parallelDownloads ?? PARALLEL_DOWNLOADS),
    }),
    conversions: createSharedWork<Conversion>('The import'),
    newUid: () => randomBytes(8).toString('hex'),
    garbage: createCollector(paths, index),
  };
}

async function listRecords(context: ImagesContext): Promise<readonly ImageRecord[]> {
  const named = (await context.index.read()).filter((entry) => entry.reference !== undefined);
  const records = await Promise.all(named.map((entry) => recordOf(context, entry)));
  return records.filter((record) => record !== undefined);
}

async function tagImage(context: ImagesContext, source: string, target: string): Promise<ImageRecord> {
  const entry = await requireEntry(context, source);
  const full = fullReference(target);
  if (full === undefined || full.includes('@'))
    throw new IgniteError('api/invalid-reference', `"${target}" cannot be a name for an image`);
  const image = await storedImage(context, entry);
  const tagged = await setReference(
    context,
    full,
    { ...image, size: image.bytes.length },
    { onlyListed: true },
  );
  const record = await recordOf(context, tagged);
  if (record === undefined)
    throw new IgniteError('images/store-broken', `The record of image ${source} is missing`);
  return record;
}

async function holdListed(context: ImagesContext, digest: string): Promise<Disposable> {
  using lease = new DisposableStack();
  lease.use(context.leases.hold([digest]));
  let listed = false;
  // In the queue of changes: behind a removal that has looked at the leases already.
  await context.index.change((entries) => {
    listed = entries.some((entry) => entry.manifestDigest === digest);
    return entries;
  });
  if (listed) return lease.move();
  throw new IgniteError('images/not-found', `The image ${digest} was removed meanwhile`);
}

async function removeImage(
  context: ImagesContext,
  word: string,
  inUse: Parameters<Images['remove']>[1],
): Promise<void> {
  const entry = await requireEntry(context, word);
  let held = false;
  await drop(context, (other, all) => {
    if (other.uid !== entry.uid) return false;
    const { manifestDigest: digest } = other;
    held = isLast(other, all) && (context.leases.has(digest) || inUse(digest));
    return !held;
  });
  if (held) throw new IgniteError('images/held', `A VM is being made from ${word}`);
}

async function pruneImages(
  context: ImagesContext,
  { all, inUse }: Parameters<Images['prune']>[0],
): Promise<Pruned> {
  const gone: IndexEntry[] = [];
  const freed = await drop(context, (entry) => {
    const { manifestDigest: digest, reference } = entry;
    const useless = (all || reference === undefined) && !inUse(digest) && !context.leases.has(digest);
    if (useless) gone.push(entry);
    return useless;
  });
  return { images: gone.map(shownEntry), freed };
}

function shownEntry({ uid, reference }: IndexEntry): Pruned['images'][number] {
  return { uid, ...(reference === undefined ? {} : { reference: shownReference(reference) }) };
}

/** Whether no other name keeps the image. */
function isLast(entry: IndexEntry, all: readonly IndexEntry[]): boolean {
  return all.every((other) => other === entry || other.manifestDigest !== entry.manifestDigest);
}

async function drop(
  context: ImagesContext,
  chosen: (entry: IndexEntry, all: readonly IndexEntry[]) => boolean,
): Promise<number> {
  await context.index.change((entries) => entries.filter((entry) => !chosen(entry, entries)));
  return context.garbage.collect();
}

async function requireEntry(context: ImagesContext, word: string): Promise<IndexEntry> {
  const entry = await findEntry(context, word, true);
  if (entry === undefined) throw notHere(word);
  return entry;
}
