// Folders of the host that a VM shares, as bound when it is made: with the place to which their paths led then. Otherwise a
// guest, or anyone who may write above a folder, could replace it by a link and so have any folder of the host shared.
import { realpath, stat } from 'node:fs/promises';
import { type BoundFolder, IgniteError, type VmRecord, type VmSpec } from '@ignite/api';
import { folderProgram } from '../host/index.ts';

/** Folders that a spec names. The guest finds each by its tag. @param reals where their paths lead */
export function bindFolders(spec: VmSpec, reals: ReadonlyMap<string, string>): readonly BoundFolder[] {
  const { volumes = [], volumeMounts = [] } = spec.storage ?? {};
  const shared = volumes.flatMap(({ name, hostFolder }) => {
    const mount = volumeMounts.find((one) => one.name === name);
    return hostFolder === undefined || mount === undefined ? [] : [{ path: hostFolder.path, mount }];
  });
  return shared.map(({ path, mount }, index) => {
    const real = reals.get(path);
    return {
      tag: `share${index}`,
      path,
      ...(real === undefined ? {} : { real }),
      mountPath: mount.mountPath,
      readOnly: mount.readOnly === true,
    };
  });
}

/**
 * The folder itself, to which no link leads any more. A record of an earlier version does not say where it was.
 * @throws IgniteError `volumes/folder-not-shared` where it is gone, or its path leads elsewhere now
 */
export async function findFolder({ path, real }: Pick<BoundFolder, 'path' | 'real'>): Promise<string> {
  const now = await realpath(path).catch(() => path);
  const facts = await stat(now).catch(() => undefined);
  if (facts?.isDirectory() !== true) throw unshared(`${path} is no folder of this host`);
  if (real === undefined || now === real) return now;
  throw unshared(`${path} leads to ${now} now, and led to ${real} when the VM was made`);
}

/** The folders that a VM has, or had when it ran last. */
export function vmFolders({ bound }: Pick<VmRecord, 'bound'>): readonly BoundFolder[] {
  return bound.folders ?? [];
}

/**
 * argv of the program that serves folders here.
 * @throws IgniteError `volumes/folder-not-shared` with what is missing
 */
export async function requireFolderProgram(): Promise<readonly [string, ...string[]]> {
  if (process.getuid?.() !== 0)
    throw notShared('sharing folders needs a daemon that runs as root: files keep their owners');
  const program = await folderProgram();
  if (program !== undefined) return program;
  throw notShared(
    'virtiofsd is not installed: apt-get install virtiofsd (Debian 13, Ubuntu 24.04) or qemu-system-common (Debian 12)',
  );
}

function notShared(why: string): IgniteError {
  return unshared(`Folders cannot be shared here: ${why}`);
}

function unshared(message: string): IgniteError {
  return new IgniteError('volumes/folder-not-shared', message, { stage: 'volumes' });
}
