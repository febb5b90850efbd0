// Folders and small files of one VM: what the guest is given (seed), where the supervisor writes, and what a run
// leaves below /run.
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno, makeFolder, namesIn, writeFileAtomic } from '../host/index.ts';
import { runFile, stateFile } from './files.ts';
import { guarded } from './state-errors.ts';

interface Roots {
  readonly root: string;
  readonly runRoot: string;
}

/** What a VM is given at creation in addition to its spec: keys, and files for its first start; and its pinned host keys. */
export interface Seed {
  /** Private key made for `--ssh`, OpenSSH format. */
  readonly sshPrivateKey?: string;
  /** Keys of the guest's SSH server as they were first seen: type and base64. */
  readonly hostKeys?: readonly string[];
  /** Lines of authorized_keys. */
  readonly authorizedKeys: readonly string[];
  /** Content is base64. */
  readonly files: readonly {
    readonly path: string;
    readonly mode: number;
    readonly uid: number;
    readonly gid: number;
    readonly content: string;
    /** Absent: a file. */
    readonly kind?: 'folder' | 'symlink';
  }[];
}

/** What stays in a slot's run folder between runs. */
const LASTING_RUN_FILES: readonly string[] = ['claims'];

/** Makes a VM's folders: its own, its logs', and with a slot its run folder. Existing ones are kept. */
export async function makeVmFolders(roots: Roots, uid: string, slot?: number): Promise<void> {
  const folders: [string, number][] = [
    [stateFile(roots.root, 'vm', { uid }), 0o711],
    [stateFile(roots.root, 'vmLog', { uid }), 0o700],
  ];
  if (slot !== undefined) folders.push([runFile(roots.runRoot, 'slot', { slot }), 0o711]);
  for (const [path, mode] of folders) await guarded('make', path, () => makeFolder(path, mode));
}

/** Makes the empty folder of a slot over which a shared folder is bound; its absolute path. */
export async function makeRunFolder({ runRoot }: Roots, slot: number, index: number): Promise<string> {
  const path = runFile(runRoot, 'share', { slot, index });
  await guarded('make', path, () => makeFolder(path, 0o700));
  return path;
}

/** Writes the seed, readable by us alone. */
export async function saveSeed(roots: Roots, uid: string, seed: Seed): Promise<void> {
  const folder = stateFile(roots.root, 'vmSeed', { uid });
  await guarded('write', folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFileAtomic(stateFile(roots.root, 'vmSeedFile', { uid }), JSON.stringify(seed));
  });
}

/** Reads what saveSeed wrote; an empty seed where there is none. */
export async function loadSeed(roots: Roots, uid: string): Promise<Seed> {
  const path = stateFile(roots.root, 'vmSeedFile', { uid });
  return guarded('read', path, async () => {
    try {
      return JSON.parse(await readFile(path, 'utf8')) as Seed; // written by saveSeed alone, below a 0700 folder
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return { authorizedKeys: [], files: [] };
      throw error;
    }
  });
}

/** An exit record of an earlier run must not be taken for that of the next. */
export async function forgetExit(roots: Roots, uid: string): Promise<void> {
  const path = stateFile(roots.root, 'vmExit', { uid });
  await guarded('delete', path, () => rm(path, { force: true }));
}

/** Whether a slot's run folder holds what a run has left. */
export async function hasRunFiles(roots: Roots, slot: number): Promise<boolean> {
  return (await leftovers(roots, slot)).length > 0;
}

/** Removes what a run has left in a slot's run folder; the journal stays. */
export async function clearRunFiles(roots: Roots, slot: number): Promise<void> {
  const folder = runFile(roots.runRoot, 'slot', { slot });
  for (const name of await leftovers(roots, slot)) {
    const path = join(folder, name);
    await guarded('delete', path, () => rm(path, { recursive: true, force: true }));
  }
}

async function leftovers({ runRoot }: Roots, slot: number): Promise<readonly string[]> {
  const folder = runFile(runRoot, 'slot', { slot });
  const names = await guarded('read', folder, () => namesIn(folder));
  return names.filter((name) => !LASTING_RUN_FILES.includes(name));
}
