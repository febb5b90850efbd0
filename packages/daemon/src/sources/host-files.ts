// What a manifest of a source names on this host: public keys and files for the guest. Only below the paths that the
// Configuration allows may they lie; whoever can push to a repository cannot read this host by it.
import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type DeclaredVm, IgniteError } from '@ignite/api';
import { LIMITS } from '@ignite/api/limits';

type SeedFile = NonNullable<DeclaredVm['files']>[number];

const MAX_BYTES = LIMITS.seedBytes;
const KEY_LINE = /^(ssh-|ecdsa-|sk-)\S*\s/;

/** Adds to a declared VM what it names on this host. @throws IgniteError `source/host-path` */
export function createFinisher(hostPaths: readonly string[]): (object: DeclaredVm) => Promise<DeclaredVm> {
  return async (object) => {
    const { ssh, copyFiles } = object.spec;
    const key = typeof ssh === 'string' && !KEY_LINE.test(ssh) ? await readKey(ssh, hostPaths) : undefined;
    const files: SeedFile[] = [];
    for (const { hostPath, vmPath } of copyFiles ?? [])
      files.push(...(await readTree(await allowed(hostPath, hostPaths), vmPath)));
    if (files.reduce((sum, file) => sum + file.content.length * 0.75, 0) > MAX_BYTES)
      throw new IgniteError(
        'source/host-path',
        `The files of copyFiles have more than ${MAX_BYTES >> 20} MiB`,
      );
    return {
      ...object,
      ...(key === undefined ? {} : { spec: { ...object.spec, ssh: key } }),
      ...(files.length === 0 ? {} : { files }),
    };
  };
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

async function readTree(host: string, vm: string): Promise<readonly SeedFile[]> {
  const facts = await stat(host).catch((cause: unknown) => {
    throw new IgniteError('source/host-path', `${host} could not be read`, { cause });
  });
  if (facts.isFile()) {
    if (facts.size > MAX_BYTES)
      throw new IgniteError('source/host-path', `${host} is too large for copyFiles`);
    const content = (await readFile(host)).toString('base64');
    return [{ path: vm, mode: facts.mode & 0o7777, uid: 0, gid: 0, content }];
  }
  if (!facts.isDirectory()) return [];
  const names = (await readdir(host, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const inner = names.map(({ name }) => [join(host, name), posix.join(vm, name)] as const);
  const trees = inner.map(([path, target], index) =>
    names[index]?.isSymbolicLink() === true ? readLink(path, target) : readTree(path, target),
  );
  const folder = {
    path: vm,
    mode: facts.mode & 0o7777,
    uid: 0,
    gid: 0,
    content: '',
    kind: 'folder',
  } as const;
  return [folder, ...(await Promise.all(trees)).flat()];
}

/** A symlink is taken as it is, wherever it leads: it is followed in the guest alone. */
async function readLink(host: string, vm: string): Promise<readonly SeedFile[]> {
  const content = Buffer.from(await readlink(host)).toString('base64');
  return [{ path: vm, mode: 0o777, uid: 0, gid: 0, content, kind: 'symlink' }];
}
