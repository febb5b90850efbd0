// What the finished tree shows about how the image can run (CLI rule 3).
import type { Ext4Writer } from '@ignite/ext4';
import type { ImageInit } from '../port.ts';

const SBIN_INIT = 'sbin/init';
const SYSTEMD = ['usr/lib/systemd/systemd', 'lib/systemd/systemd'];

/** The real init of the image, if it has one: systemd, OpenRC, SysV. busybox counts only together with /sbin/openrc. */
export function findInit(tree: Ext4Writer): ImageInit | undefined {
  const target = executable(tree, SBIN_INIT);
  if (target !== undefined) {
    const kind = initKind(tree, target);
    return kind === undefined ? undefined : { path: `/${SBIN_INIT}`, kind };
  }
  const systemd = SYSTEMD.find((path) => executable(tree, path) !== undefined);
  return systemd === undefined ? undefined : { path: `/${systemd}`, kind: 'systemd' };
}

/** Whether the image has an SSH server. */
export function hasSshd(tree: Ext4Writer): boolean {
  return executable(tree, 'usr/sbin/sshd') !== undefined;
}

/** Bytes of all files of the tree, each counted once however many names it has. */
export function contentBytes(tree: Ext4Writer): number {
  const seen = new Set<number>();
  let bytes = 0;
  const visit = (folder: string) => {
    for (const name of tree.list(folder) ?? []) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const info = tree.stat(path, { follow: false });
      if (info?.type === 'directory') visit(path);
      if (info?.type !== 'file' || (info.links > 1 && seen.has(info.inode))) continue;
      if (info.links > 1) seen.add(info.inode);
      bytes += info.size;
    }
  };
  visit('');
  return bytes;
}

function initKind(tree: Ext4Writer, target: string): ImageInit['kind'] | undefined {
  const name = target.slice(target.lastIndexOf('/') + 1);
  if (name === 'systemd') return 'systemd';
  if (name === 'openrc-init') return 'openrc';
  if (name === 'busybox') return executable(tree, 'sbin/openrc') === undefined ? undefined : 'openrc';
  // Small inits for containers (tini, dumb-init) are put at /sbin/init, too; only SysV's reads an inittab.
  return tree.stat('etc/inittab', { follow: true })?.type === 'file' ? 'sysv' : undefined;
}

// The path, without links, of an executable file.
function executable(tree: Ext4Writer, path: string): string | undefined {
  const info = tree.stat(path, { follow: true });
  return info?.type === 'file' && (info.mode & 0o111) !== 0 ? info.path : undefined;
}
