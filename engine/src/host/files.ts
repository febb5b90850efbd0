// Writing files so that a crash leaves the old content or the new, never half of it (FORMATS: "Write = …").
import { chmod, chown, type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

const TEMPORARY = '.tmp';
const ROOT_UID = 0;

/**
 * Replaces `path` by `data`: temporary file in the same folder, fsync, rename, fsync of the folder.
 * @param mode permission bits of the file; default 0600
 */
export async function writeFileAtomic(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  await writeFilesAtomic([[path, data]], mode);
}

/**
 * The same for files of one folder, which appear in their order; all of them cost hardly more than one, as their fsyncs
 * share a commit of the file system.
 */
export async function writeFilesAtomic(
  files: readonly (readonly [path: string, data: string | Uint8Array])[],
  mode = 0o600,
): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const written = await Promise.allSettled(
    files.map(([path, data]) => writeTemporary(path, data, { mode, sync: true })),
  );
  const failed = written.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    for (const [path] of files) await rm(`${path}${TEMPORARY}`, { force: true });
    throw failed.reason;
  }
  for (const [path] of files) await rename(`${path}${TEMPORARY}`, path);
  await syncDirectory(dirname(first[0]));
}

/** The same without fsync: for what dies with the boot anyway, below /run. */
export async function replaceFile(path: string, data: string | Uint8Array, mode = 0o600): Promise<void> {
  try {
    await writeTemporary(path, data, { mode, sync: false });
  } catch (error) {
    await rm(`${path}${TEMPORARY}`, { force: true });
    throw error;
  }
  await rename(`${path}${TEMPORARY}`, path);
}

async function writeTemporary(
  path: string,
  data: string | Uint8Array,
  { mode, sync }: { readonly mode: number; readonly sync: boolean },
): Promise<void> {
  await using file = await open(`${path}${TEMPORARY}`, 'w', mode);
  await file.writeFile(data);
  await file.chmod(mode); // the umask may have taken bits away
  if (sync) await file.sync();
}

/**
 * Removes what a crash left in a folder of the half-done replacement of a file. Only for files that nobody replaces now;
 * on a disk that is read-only it stays.
 * @param names of the files, as they are called when they are whole
 */
export async function sweepTorn(folder: string, names: readonly string[]): Promise<void> {
  const present = await readdir(folder).catch(() => []);
  const torn = present.filter((name) => names.some((whole) => name === `${whole}${TEMPORARY}`));
  for (const name of torn) await rm(join(folder, name), { force: true }).catch(() => {});
}

/** The text of a file; undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return (await readBytesIfThere(path))?.toString('utf8');
}

/** The same, as bytes. */
export async function readBytesIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Makes renames and unlinks in a directory lasting. */
export async function syncDirectory(path: string): Promise<void> {
  await using directory: FileHandle = await open(path, 'r');
  await directory.sync();
}

/** Whether an error is one of the given `errno` names: `hasErrno(e, 'ENOENT')`. */
export function hasErrno(error: unknown, ...names: readonly string[]): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && names.includes(error.code)
  );
}

/** Gives a file to a user and the group of the same number. */
export async function giveTo(path: string, uid: number): Promise<void> {
  await chown(path, uid, uid);
}

/**
 * Takes a file back from the user of a VMM that has ended. One that is gone needs it no more; on a file system that is
 * read-only it stays as it is, and is given again by the next start.
 */
export async function takeBack(path: string): Promise<void> {
  try {
    await giveTo(path, ROOT_UID);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'EROFS')) throw error;
  }
}

/**
 * Makes a folder with its parents; what is made gets `mode`, whatever the umask. The default lets the users of VMMs
 * pass through without looking around (DESIGN, FORMATS: 0711).
 */
export async function makeFolder(path: string, mode = 0o711): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode });
  if (first === undefined) return; // it was there: its rights are its owner's
  await chmod(first, mode);
  let folder = first;
  for (const part of relative(first, path)
    .split(sep)
    .filter((part) => part !== '')) {
    folder = join(folder, part);
    await chmod(folder, mode);
  }
}

/** Names of what is in a folder; none where there is no such folder. */
export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Removes all that is in a folder, which may be missing. */
export async function emptyFolder(path: string): Promise<void> {
  for (const name of await namesIn(path)) await rm(join(path, name), { recursive: true, force: true });
}
