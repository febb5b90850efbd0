// What a manifest of a source names on this host: public keys and files for the guest. Only below the paths that the
// Configuration allows may they lie; whoever can push to a repository cannot read this host by it.
import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type DeclaredVm, IgniteError } from '@ignite/api';
import { LIMITS } from '@ignite/api/limits';
import { nameInArchive, packAll } from '@ignite/archive';

type SeedFile = NonNullable<DeclaredVm['files']>[number];

const KEY_LINE = /^(ssh-|ecdsa-|sk-)\S*\s/;

/** What a source needs of the host's files. */
export interface HostFiles {
  /** Adds to a declared VM what it names on this host: keys, and files that are small. @throws IgniteError `source/host-path` */
  finish(object: DeclaredVm): Promise<DeclaredVm>;
  /**
   * What finish left out, as a tar that is read while it is taken; undefined where there is nothing.
   * @throws IgniteError `source/host-path`, `archive/…`
   */
  large(object: DeclaredVm, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined>;
}

/** @param hostPaths of the Configuration */
export function createHostFiles(hostPaths: readonly string[]): HostFiles {
  const treesOf = async ({ spec }: DeclaredVm): Promise<readonly Tree[]> => {
    const trees: Tree[] = [];
    for (const { hostPath, vmPath } of spec.copyFiles ?? [])
      trees.push({ host: await allowed(hostPath, hostPaths), vm: vmPath });
    return trees;
  };
  return {
    finish: async (object) => {
      const { ssh } = object.spec;
      const key = typeof ssh === 'string' && !KEY_LINE.test(ssh) ? await readKey(ssh, hostPaths) : undefined;
      const files = await readSmall(await treesOf(object));
      return {
        ...object,
        ...(key === undefined ? {} : { spec: { ...object.spec, ssh: key } }),
        ...(files === undefined || files.length === 0 ? {} : { files: [...files] }),
      };
    },
    large: async (object, signal) => {
      if (object.files !== undefined) return undefined;
      const trees = await treesOf(object);
      if (trees.length === 0) return undefined;
      return packAll(
        trees.map(({ host, vm }) => ({ path: host, name: nameInArchive(vm) })),
        { signal },
      );
    },
  };
}

interface Tree {
  readonly host: string;
  readonly vm: string;
}

/** The files, or undefined where they are more than a guest's configuration carries. */
async function readSmall(trees: readonly Tree[]): Promise<readonly SeedFile[] | undefined> {
  const files: SeedFile[] = [];
  const budget = { left: LIMITS.seedBytes as number };
  for (const { host, vm } of trees) {
    const read = await readTree(host, vm, budget);
    if (read === undefined) return undefined;
    files.push(...read);
  }
  return files;
}

/** Links are resolved first: what counts is where a path ends. */
async function allowed(path: string, hostPaths: readonly string[]): Promise<string> {
  const real = await realpath(path).catch(() => path);
  if (hostPaths.some((root) => real === root || real.startsWith(root.endsWith('/') ? root : `${root}/`)))
    return real;
  throw new IgniteError('source/host-path', `${path} is not below a path that manifests of sources may name`);
}

async function readKey(path: string, hostPaths: readonly string[]): Promise<string> {
  const named = path.endsWith('.pub') ? path : `${path}.pub`; // CLI-C17
  const text = await readFile(await allowed(named, hostPaths), 'utf8').catch((cause: unknown) => {
    if (cause instanceof IgniteError) throw cause;
    throw new IgniteError('source/host-path', `The public key ${named} could not be read`, { cause });
  });
  return text.trim();
}

interface Budget {
  left: number;
}

/** A file or a folder with all in it; undefined where it is over the budget. */
async function readTree(host: string, vm: string, budget: Budget): Promise<readonly SeedFile[] | undefined> {
  const facts = await lstat(host).catch((cause: unknown) => {
    throw new IgniteError('source/host-path', `${host} could not be read`, { cause });
  });
  const common = { path: vm, mode: facts.mode & 0o7777, uid: 0, gid: 0 };
  budget.left -= LIMITS.seedEntryBytes + vm.length + (facts.isDirectory() ? 0 : facts.size);
  if (budget.left < 0) return undefined;
  if (facts.isFile()) return [{ ...common, content: (await readFile(host)).toString('base64') }];
  // A symlink is taken as it is, wherever it leads: it is followed in the guest alone.
  if (facts.isSymbolicLink())
    return [{ ...common, content: Buffer.from(await readlink(host)).toString('base64'), kind: 'symlink' }];
  if (!facts.isDirectory()) return [];
  const files: SeedFile[] = [{ ...common, content: '', kind: 'folder' }];
  for (const name of (await readdir(host)).sort()) {
    const read = await readTree(join(host, name), posix.join(vm, name), budget);
    if (read === undefined) return undefined;
    files.push(...read);
  }
  return files;
}
