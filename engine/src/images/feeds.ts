// Where the layers of an import come from: a blob of the store, or a download that others may follow while it grows. The
// reader opens the file at once and learns how much of it is there.
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api';
import { hasErrno } from '../host/index.ts';
import { digestHex } from './digest.ts';
import { diskFull } from './disk-space.ts';
import { type DownloadDeps, downloadBlob, type Growth } from './download-blob.ts';
import type { RegistrySession } from './registry/index.ts';
import type { Descriptor } from './schema.ts';
import { adoptBlob, hasBlob, type ImagePaths } from './store/index.ts';
import { watchPace } from './watch-pace.ts';
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
  /** Settles when its file is there. */
  readonly made: Promise<void>;
  /** Its file has moved into the store. */
  stored: boolean;
}

interface FeedDeps extends DownloadDeps {
  readonly paths: ImagePaths;
  /** Bounds the parallel downloads. */
  readonly limiter: Limiter;
}

/**
 * Whose downloads are one: a registry's word about a blob's size, its faults and its pace are shared by nobody who asks
 * another registry for the same digest, or expects another size.
 */
const sharedKey = (blob: Descriptor, session: RegistrySession): string =>
  `${session.registry} ${blob.size} ${blob.digest}`;

/** Makes the downloads of one store: each blob of a registry is fetched once however many imports want it. */
export function createFeeds(deps: FeedDeps): Feeds {
  const downloads = createSharedWork<void>('The download');
  const growths = new Map<string, SharedGrowth>();
  const folder = join(deps.paths.imports, 'blobs');

  // A name of its own for each download: a reader that can open it has the right file, never one of a later download.
  const beginGrowth = (blob: Descriptor): SharedGrowth => {
    const path = join(folder, `${digestHex(blob.digest)}-${randomUUID()}`);
    const made = makeFile(folder, path);
    made.catch(() => {}); // each opener gets the error
    return {
      path,
      hash: createHash('sha256'),
      received: 0,
      feeds: 0,
      mirrors: new Set<string>(),
      listeners: new Set<() => void>(),
      made,
      stored: false,
    };
  };

  const growthOf = (blob: Descriptor, key: string): SharedGrowth => {
    const growth = growths.get(key) ?? beginGrowth(blob);
    growths.set(key, growth);
    growth.feeds += 1;
    return growth;
  };

  const release = async (key: string, growth: SharedGrowth): Promise<void> => {
    growth.feeds -= 1;
    if (growth.feeds > 0) return;
    if (growths.get(key) === growth) growths.delete(key);
    if (!growth.stored) await rm(growth.path, { force: true });
  };

  const fetchOnce = (blob: Descriptor, growth: SharedGrowth, session: RegistrySession, caller: Caller) => {
    const key = sharedKey(blob, session);
    return downloads.run(key, caller, async (shared) => {
      if (growth.stored) return; // by a run that was given up too late to stop
      using _open = session.retain(); // its caller may leave before the others
      using place = await deps.limiter.enter(shared.signal);
      // A slow download goes on without a place of the limiter: it takes next to nothing of what the places share.
      using _pace = watchPace(
        () => growth.received,
        blob.size,
        () => place[Symbol.dispose](),
      );
      await downloadBlob(blob, growth, session, deps, shared).catch((error: unknown) => {
        // It is useless now: the next opener begins again.
        if (isIgniteError(error, 'images/digest-mismatch')) growths.delete(sharedKey(blob, session));
        throw error;
      });
      await adoptBlob(deps.paths, blob.digest, growth.path);
      growth.stored = true;
      growths.delete(key);
    });
  };

  /** @returns undefined where the file has moved into the store meanwhile */
  const openDownload = async (
    blob: Descriptor,
    session: RegistrySession,
    caller: Caller,
  ): Promise<Feed | undefined> => {
    const key = sharedKey(blob, session);
    const growth = growthOf(blob, key);
    try {
      const file = await openGrowing(growth);
      if (file === undefined) {
        await release(key, growth);
        return undefined;
      }
      const done = growth.stored ? Promise.resolve() : fetchOnce(blob, growth, session, caller);
      done.catch(() => {}); // awaited by the import; it may give up first
      return feedOf(file, growth, done, () => release(key, growth));
    } catch (cause) {
      await release(key, growth);
      throw diskFull(cause, growth.path);
    }
  };

  const openFeed = async (
    blob: Descriptor,
    session: RegistrySession | undefined,
    caller: Caller,
  ): Promise<Feed> => {
    for (;;) {
      if (await hasBlob(deps.paths, blob))
        return storedFeed(await open(deps.paths.blob(blob.digest), 'r'), blob.size);
      if (session === undefined)
        throw new IgniteError('images/store-broken', `Layer ${blob.digest} is missing from the image store`);
      const feed = await openDownload(blob, session, caller);
      if (feed !== undefined) return feed;
    }
  };
  return { open: openFeed };
}

async function makeFile(folder: string, path: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await (await open(path, 'wx', 0o600)).close();
}

async function openGrowing({ made, path }: SharedGrowth): Promise<FileHandle | undefined> {
  await made;
  try {
    return await open(path, 'r');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
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
