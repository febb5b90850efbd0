// Public keys and files of this host that a manifest of a source names for the guest. They must be below the paths that the
// Configuration allows: otherwise anyone who can push to a repository could read this host.
import { realpath } from 'node:fs/promises';
import { type DeclaredVm, IgniteError } from '@ignite/api';
import { nameInArchive, openEntry, packAll, whereIs } from '@ignite/archive';
import { readSeed, type SeedPlace, seedStamp } from '@ignite/archive/seed';

const KEY_LINE = /^(ssh-|ecdsa-|sk-)\S*\s/;

/** What a source needs of the host's files. */
export interface HostFiles {
  /**
   * Adds to a declared VM what it names on this host: keys, files that are small, and the digest of all.
   * @throws IgniteError `source/host-path`
   */
  finish(object: DeclaredVm, signal: AbortSignal): Promise<DeclaredVm>;
  /** What changes when that may have; undefined where it names nothing. */
  stamp(object: DeclaredVm, signal: AbortSignal): Promise<string | undefined>;
  /**
   * What finish left out, as a tar that is read while it is taken; undefined where there is nothing.
   * @throws IgniteError `source/host-path`, `archive/…`
   */
  large(object: DeclaredVm, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
}

/** @param hostPaths of the Configuration */
export function createHostFiles(hostPaths: readonly string[]): HostFiles {
  // Looked at once more when it is open: a guest that shares a folder may put a link there at any moment.
  const opened = (where: string) => {
    if (!isBelow(where, hostPaths)) throw refused(where);
  };
  const placesOf = async ({ spec }: DeclaredVm): Promise<readonly SeedPlace[]> => {
    const places: SeedPlace[] = [];
    for (const { hostPath, vmPath } of spec.copyFiles ?? [])
      places.push({ host: await allowed(hostPath, hostPaths), vm: vmPath });
    return places;
  };
  return {
    finish: async (object, signal) => {
      const path = keyPath(object);
      const key = path === undefined ? undefined : await readKey(await allowed(path, hostPaths), opened);
      const places = await placesOf(object);
      const read = places.length === 0 ? undefined : await readSeed(places, { signal, failure, opened });
      return {
        ...object,
        ...(key === undefined ? {} : { spec: { ...object.spec, ssh: key } }),
        ...(read?.files === undefined || read.files.length === 0 ? {} : { files: read.files }),
        ...(read === undefined ? {} : { filesDigest: read.digest }),
      };
    },
    stamp: async (object, signal) => {
      const key = keyPath(object);
      const named = (object.spec.copyFiles ?? []).map(({ hostPath }) => hostPath);
      if (key !== undefined) named.push(key);
      if (named.length === 0) return undefined;
      const real = await Promise.all(named.map((path) => whereAllowed(path, hostPaths)));
      // A path that may not be named is not looked at: it may be all of the host's files.
      return await seedStamp(
        real.filter((path) => path !== undefined),
        signal,
      );
    },
    large: async (object, signal) => {
      if (object.files !== undefined) return undefined;
      const places = await placesOf(object);
      if (places.length === 0) return undefined;
      return packAll(
        places.map(({ host, vm }) => ({ path: host, name: nameInArchive(vm) })),
        { signal, opened },
      );
    },
  };
}

/** Where the public key lies that a manifest names by its path (CLI-C17). */
function keyPath({ spec: { ssh } }: DeclaredVm): string | undefined {
  if (typeof ssh !== 'string' || KEY_LINE.test(ssh)) return undefined;
  return ssh.endsWith('.pub') ? ssh : `${ssh}.pub`;
}

function failure(path: string, cause?: unknown): IgniteError {
  const what = cause === undefined ? 'is neither a file nor a folder' : 'could not be read';
  return new IgniteError('source/host-path', `${path} ${what}`, { cause });
}

/** Links are resolved first: what counts is where a path ends. */
async function whereAllowed(path: string, hostPaths: readonly string[]): Promise<string | undefined> {
  const real = await realpath(path).catch(() => path);
  return isBelow(real, hostPaths) ? real : undefined;
}

function isBelow(real: string, hostPaths: readonly string[]): boolean {
  return hostPaths.some((root) => real === root || real.startsWith(root.endsWith('/') ? root : `${root}/`));
}

async function allowed(path: string, hostPaths: readonly string[]): Promise<string> {
  const real = await whereAllowed(path, hostPaths);
  if (real !== undefined) return real;
  throw refused(path);
}

function refused(path: string): IgniteError {
  return new IgniteError(
    'source/host-path',
    `${path} is not below a path that manifests of sources may name`,
  );
}

async function readKey(path: string, opened: (where: string) => void): Promise<string> {
  try {
    await using file = await openEntry(path, true);
    opened(await whereIs(file));
    return (await file.readFile('utf8')).trim();
  } catch (cause) {
    if (cause instanceof IgniteError) throw cause;
    throw new IgniteError('source/host-path', `The public key ${path} could not be read`, { cause });
  }
}
