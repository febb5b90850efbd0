// The name on the host of what a process has mounted under another name: mountinfo tells the file system of a mount and
// where in it the mount begins, and the host's own tell where that file system is (proc_pid_mountinfo(5)).

interface Mount {
  /** `major:minor` of the file system. */
  readonly device: string;
  /** Where in its file system it begins. */
  readonly root: string;
  readonly target: string;
}

/**
 * @param inside mountinfo of the process
 * @param host mountinfo of ours
 * @param target as the process names it
 * @returns paths that may be it, those of the narrowest mounts first: one that is mounted over is not seen
 */
export function namesOutside(inside: string, host: string, target: string): readonly string[] {
  const mount = mounts(inside).findLast((one) => one.target === target);
  if (mount === undefined) return [];
  return mounts(host)
    .filter(({ device, root }) => device === mount.device && isBelow(mount.root, root))
    .toSorted((one, other) => other.root.length - one.root.length)
    .map(({ root, target }) => joined(target, mount.root.slice(root === '/' ? 0 : root.length)));
}

function mounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [, , device, root, target] = line.split(' ');
    return device === undefined || root === undefined || target === undefined
      ? []
      : [{ device, root, target }];
  });
}

function isBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

function joined(target: string, rest: string): string {
  return target === '/' && rest !== '' ? rest : `${target}${rest}`;
}
