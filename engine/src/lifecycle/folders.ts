// Folders of the host that a VM shares, as bound when it is made.
import { type BoundFolder, IgniteError, type VmRecord, type VmSpec } from '@ignite/api';
import { folderProgram } from '../host/index.ts';

/** Folders that a spec names. The guest finds each by its tag. */
export function bindFolders(spec: VmSpec): readonly BoundFolder[] {
  const { volumes = [], volumeMounts = [] } = spec.storage ?? {};
  const shared = volumes.flatMap(({ name, hostFolder }) => {
    const mount = volumeMounts.find((one) => one.name === name);
    return hostFolder === undefined || mount === undefined ? [] : [{ path: hostFolder.path, mount }];
  });
  return shared.map(({ path, mount }, index) => ({
    tag: `share${index}`,
    path,
    mountPath: mount.mountPath,
    readOnly: mount.readOnly === true,
  }));
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
  return new IgniteError('volumes/folder-not-shared', `Folders cannot be shared here: ${why}`, {
    stage: 'volumes',
  });
}
