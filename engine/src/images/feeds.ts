// Where the layers of an import come from: a blob of the store, or a download that others may follow while it grows. The
// reader opens the file at once and is told how much of it is there.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { digestHex } from './digest.ts';
import { diskFull } from './disk-space.ts';
import { type DownloadDeps, downloadBlob, type Growth } from './download-blob.ts';
import type { RegistrySession } from './registry/index.ts';
import type { Descriptor } from './schema.ts';
import { adoptBlob, hasBlob, type ImagePaths } from './store/index.ts';
import { type Caller, createSharedWork, type Limiter } from '../work/index.ts';

/** A blob that is there, or comes. */
export interface Feed extends AsyncDisposable {
  /** Open for reading only; its content up to `available()` stays as it is. */
  readonly file: FileHandle;
  available(): number;
  /** Called at every growth; one listener a feed. */
  onGrowth(listener: () => void): void;
  /** Settles when the blob is whole, verified and in the store. */
  readonly done: Promise<void>;
}

export interface Feeds {
  /**
   * Opens a blob.
   * @param session where to download what the store lacks; absent: a missing blob is `images/store-broken`
   */
  open(blob: Descriptor, session: RegistrySession | undefined, caller: Caller): Promise<Feed>;
}

/** A download lives while a feed of it is open. */
interface SharedGrowth extends Growth {
  feeds: number;
}

export interface FeedDeps extends DownloadDeps {
  readonly paths: ImagePaths;
  /** Bounds the parallel downloads. */
  readonly limiter: Limiter;
}

/** Makes the downloads of one store: each blob is fetched once however many imports want it. */
export function createFeeds(deps: FeedDeps): Feeds {
  const downloads = createSharedWork<void>();
  const growths = new Map<string, SharedGrowth>();
  const folder = join(deps.paths.imports, 'blobs');

  const growthOf = (blob: Descriptor): SharedGrowth => {
    const path = join(folder, digestHex(blob.digest));
    const fresh = {
      path,
      hash: createHash('sha256'),
      received: 0,
      feeds: 0,
      listeners: new Set<() => void>(),
    };
    const growth = growths.get(blob.digest) ?? fresh;
    growths.set(blob.digest, growth);
    growth.feeds += 1;
    return growth;
  };

  const release = async (blob: Descriptor, growth: SharedGrowth): Promise<void> => {
    growth.feeds -= 1;
    if (growth.feeds > 0 || growths.get(blob.digest) !== growth) return;
    growths.delete(blob.digest);
    await rm(growth.path, { force: true });
  };

  const fetchOnce = (blob: Descriptor, growth: SharedGrowth, session: RegistrySession, caller: Caller) =>
    downloads.run(blob.digest, caller, async (shared) => {
      using _open = session.retain(); // its caller may leave before the others
      using _place = await deps.limiter.enter(shared.signal);
      await downloadBlob(blob, growth, session, deps, shared);
      await adoptBlob(deps.paths, blob.digest, growth.path);
      growths.delete(blob.digest);
    });

  const openDownload = async (blob: Descriptor, session: RegistrySession, caller: Caller): Promise<Feed> => {
    const growth = growthOf(blob);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = await open(growth.path, constants.O_RDONLY | constants.O_CREAT, 0o600);
      const done = fetchOnce(blob, growth, session, caller);
      done.catch(() => {}); // awaited by the import; it may give up first
      return feedOf(file, growth, done, () => release(blob, growth));
    } catch (cause) {
      await release(blob, growth);
      throw diskFull(cause, growth.path);
    }
  };

  const openFeed = async (
    blob: Descriptor,
    session: RegistrySession | undefined,
    caller: Caller,
  ): Promise<Feed> => {
    if (await hasBlob(deps.paths, blob))
      return storedFeed(await open(deps.paths.blob(blob.digest), 'r'), blob.size);
    if (session === undefined)
      throw new IgniteError('images/store-broken', `Layer ${blob.digest} is missing from the image store`);
    return openDownload(blob, session, caller);
  };
  return { open: openFeed };
}

function storedFeed(file: FileHandle, size: number): Feed {
  return {
    file,
    available: () => size,
    onGrowth: () => {},
    done: Promise.resolve(),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function feedOf(file: FileHandle, growth: Growth, done: Promise<void>, release: () => Promise<void>): Feed {
  let mine: (() => void) | undefined;
  return {
    file,
    available: () => growth.received,
    onGrowth: (listener) => {
      mine = listener;
      growth.listeners.add(listener);
    },
    done,
    [Symbol.asyncDispose]: async () => {
      if (mine !== undefined) growth.listeners.delete(mine);
      await file.close();
      await release();
    },
  };
}
