// A folder laid out as a kernel image (`boot/`, `lib/modules/`) that came as a tar.
import { readTar } from '@ignite/archive';
import { writeKernelFiles } from './kernel-files.ts';

/** The magic of POSIX and GNU headers, tar(5). */
const MAGIC = 'ustar';
const MAGIC_AT = 257;
const WANTED = /^(boot\/[^/]+|lib\/modules\/[^/]+\/.+)$/;

/** Whether the beginning of a file is that of a tar archive (`ustar`). */
export function isTar(bytes: Buffer): boolean {
  return bytes.toString('latin1', MAGIC_AT, MAGIC_AT + MAGIC.length) === MAGIC;
}

/** Writes `boot/…` and `lib/modules/…` of a tar below `folder`. @throws IgniteError `kernels/corrupt`, or the archive's errors */
export async function unpackKernelTar(
  tar: Iterable<Uint8Array>,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  return await writeKernelFiles(readTar(each(tar)), { folder, wanted: WANTED, format: 'tar' }, signal);
}

async function* each(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  yield* pieces;
}
