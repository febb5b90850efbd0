// Where the layers of an import come from: a blob of the store, or a download that others may follow while it grows. The
// reader opens the file at once and is told how much of it is there.
import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError, type Report } from '@ignite/api';
import type { Clock } from '../host/index.ts';
import { diskFull } from './disk-space.ts';
import { digestHex, shortDigest } from './digest.ts';
import { type RegistrySession, unreachable, withRetry } from './registry/index.ts';
import type { Descriptor } from './schema.ts';
import { type Caller, createSharedWork } from './shared-work.ts';
import { adoptBlob, hasBlob, type ImagePaths } from './store/index.ts';
import type { Limiter } from './limiter.ts';

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

/** A download as far as it has come. It lives while a feed is open: a run that was broken off is taken up again. */
interface Growth {
  readonly path: string;
  readonly hash: Hash;
  received: number;
  feeds: number;
  readonly listeners: Set<() => void>;
}

export interface FeedDeps {
  readonly paths: ImagePaths;
  readonly clock: Clock;
  readonly attempts: number;
  readonly backoffMs: number;
  /** Bounds the parallel downloads. */
  readonly limiter: Limiter;
}

/** Makes the downloads of one store: each blob is fetched once however many imports want it. */
export function createFeeds(deps: FeedDeps): Feeds {
  const downloads = createSharedWork<void>();
  const growths = new Map<string, Growth>();
  const folder = join(deps.paths.imports, 'blobs');

  const growthOf = (blob: Descriptor): Growth => {
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

  const release = async (blob: Descriptor, growth: Growth): Promise<void> => {
    growth.feeds -= 1;
    if (growth.feeds > 0 || growths.get(blob.digest) !== growth) return;
    growths.delete(blob.digest);
    await rm(growth.path, { force: true });
  };

  const fetchOnce = (blob: Descriptor, growth: Growth, session: RegistrySession, caller: Caller) =>
    downloads.run(blob.digest, caller, async (shared) => {
      using _ = session.retain(); // its caller may leave before the others
      await deps.limiter(shared.signal, () => download(blob, growth, session, deps, shared));
      await adoptBlob(deps.paths, blob.digest, growth.path);
      growths.delete(blob.digest);
    });

  const openDownload = async (blob: Descriptor, session: RegistrySession, caller: Caller): Promise<Feed> => {
    const growth = growthOf(blob);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(growth.path, constants.O_RDONLY | constants.O_CREAT, 0o600);
    const done = fetchOnce(blob, growth, session, caller);
    done.catch(() => {}); // awaited by the import; it may give up first
    return feedOf(file, growth, done, () => release(blob, growth));
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

async function download(
  blob: Descriptor,
  growth: Growth,
  session: RegistrySession,
  deps: FeedDeps,
  { report, signal }: Caller,
): Promise<void> {
  await using file = await open(growth.path, 'r+');
  const tell = progressOf(blob, report);
  let resumable = true;
  const take = async (chunk: Uint8Array) => {
    if (growth.received + chunk.length > blob.size) throw longer(blob);
    await writeAll(file, chunk, growth.received, growth.path);
    growth.hash.update(chunk);
    growth.received += chunk.length;
    tell(growth.received);
    for (const listener of growth.listeners) listener();
  };
  await withRetry({ ...deps, signal }, async (progressed) => {
    try {
      const from = resumable ? growth.received : 0;
      const stream = await session.blob(blob.digest, from, signal);
      let skip = growth.received - stream.offset;
      for await (const chunk of stream.body) {
        const fresh = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - fresh.length;
        if (fresh.length === 0) continue;
        await take(fresh);
        progressed();
      }
      if (growth.received < blob.size) throw cut(blob, growth.received, session.registry);
    } catch (error) {
      if (isIgniteError(error) && error.details['cannotResume'] === true) resumable = false;
      throw unreachable(error, session.registry, signal);
    }
  });
  const found = `sha256:${growth.hash.copy().digest('hex')}`;
  if (found !== blob.digest)
    throw new IgniteError(
      'images/digest-mismatch',
      `Layer ${blob.digest}: ${session.registry} sent ${found}`,
      {
        details: { wanted: blob.digest, found },
      },
    );
  await file.sync();
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<void> {
  try {
    for (let done = 0; done < bytes.length; )
      done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  } catch (cause) {
    throw diskFull(cause, path);
  }
}

function progressOf(blob: Descriptor, report: Report): (done: number) => void {
  const step = Math.max(512 << 10, Math.floor(blob.size / 100));
  let next = 0;
  return (done) => {
    if (done < next && done < blob.size) return;
    next = done + step;
    report({ kind: 'bytes', id: shortDigest(blob.digest), label: 'Downloading', done, total: blob.size });
  };
}

function longer(blob: Descriptor): IgniteError {
  return new IgniteError(
    'images/digest-mismatch',
    `Layer ${blob.digest} is longer than the ${blob.size} bytes its manifest tells`,
  );
}

function cut(blob: Descriptor, received: number, registry: string): IgniteError {
  return new IgniteError(
    'images/registry-down',
    `Layer ${blob.digest}: ${registry} ended after ${received} of ${blob.size} bytes`,
    { details: { registry, received, size: blob.size } },
  );
}
