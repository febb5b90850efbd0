// The program that serves folders of the host to VMs. Two exist under one name: the older one comes with QEMU up to 7.2
// (Debian 12: qemu-system-common), the newer one in a package of its own. Both take `-o source=FOLDER` and a listening
// socket by number.
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';

/** Where distributions put it: in no folder of the search path. */
const PLACES = ['/usr/libexec/virtiofsd', '/usr/lib/virtiofsd', '/usr/lib/qemu/virtiofsd'] as const;
const OLDER: (typeof PLACES)[number] = '/usr/lib/qemu/virtiofsd';

/** Its listening socket (native/spawn/share.c). */
const SOCKET_FD = 3;

/**
 * argv of the program of this host, without the word that names the folder; undefined where there is none. The guest's
 * root cannot make device files in the folder, which the host would open.
 */
export async function folderProgram(): Promise<readonly [string, ...string[]] | undefined> {
  for (const path of PLACES) {
    const there = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return [path, `--fd=${SOCKET_FD}`, ...(path === OLDER ? OLDER_WORDS : NEWER_WORDS)];
  }
  return undefined;
}

const OLDER_WORDS = ['-f', '-o', 'cache=auto', '-o', 'modcaps=-mknod', '-o', 'log_level=err'] as const;
const NEWER_WORDS = ['--cache=auto', '--modcaps=-mknod', '--log-level=error'] as const;
