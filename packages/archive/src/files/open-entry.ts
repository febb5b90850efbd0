// Opening files and folders of trees in which others may write meanwhile, a guest among them: what was opened is what counts,
// and each child is opened in its folder's own descriptor. Node has no openat(2); /proc/self/fd/N/NAME does the same.
import { constants } from 'node:fs';
import { type FileHandle, open, readlink } from 'node:fs/promises';

/**
 * Opens for reading. It waits for nobody: a fifo that lies there by now is opened at once.
 * @param follow whether a link at the end of the path is followed
 */
export function openEntry(path: string | Buffer, follow: boolean): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW));
}

/** The path that an open file or folder has now, without links. */
export function whereIs(handle: FileHandle): Promise<string> {
  return readlink(placeOf(handle));
}

/** A path that leads to an open folder, whatever lies at the path by which it was opened. */
export function placeOf(folder: FileHandle): string {
  return `/proc/self/fd/${folder.fd}`;
}
