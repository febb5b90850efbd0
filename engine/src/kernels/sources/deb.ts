// Takes the kernel and its modules out of a Debian package, which is an ar archive of tar archives.
// Source: deb(5), ar(5). Nothing of the package is run, and only wanted plain files are written.
import { setImmediate } from 'node:timers/promises';
import { IgniteError } from '@ignite/api';
import { inflate, readTar, type TarEntry } from '@ignite/archive';
import { corrupt, decodeXz } from '../compression/index.ts';
import { writeKernelFiles } from './kernel-files.ts';

const AR_MAGIC = '!<arch>\n';
const AR_HEADER = 60;
const WANTED = /^(boot\/(vmlinu[xz]-|config-)[^/]+|lib\/modules\/[^/]+\/.+)$/;

/** Whether the beginning of a file is that of a Debian package (an ar archive). */
export function isDeb(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, AR_MAGIC.length) === AR_MAGIC;
}

/**
 * Writes `boot/vmlinu*`, `boot/config-*` and `lib/modules/…` of a package below `folder`.
 * @returns how many files were written; 0 for a package that has none (a metapackage)
 * @throws IgniteError `kernels/corrupt`, `kernels/unsupported-compression`, or the archive's errors
 */
export async function unpackKernelDeb(deb: Buffer, folder: string, signal: AbortSignal): Promise<number> {
  return await writeKernelFiles(readDeb(deb), { folder, wanted: WANTED, format: 'deb' }, signal);
}

/**
 * The files that a package would install, in order. A content is there until the next entry is asked for.
 * @throws IgniteError `kernels/corrupt`, `kernels/unsupported-compression`, or the archive's errors
 */
export function readDeb(deb: Buffer): AsyncGenerator<TarEntry, void, undefined> {
  return readTar(dataTar(deb));
}

/** The unpacked data.tar of a package. */
function dataTar(deb: Buffer): AsyncIterable<Uint8Array> {
  for (const member of arMembers(deb)) {
    if (!member.name.startsWith('data.tar')) continue;
    const kind = member.name.slice('data.tar'.length);
    if (kind === '') return pieces([member.bytes]);
    if (kind === '.xz') return pieces(decodeXz(member.bytes));
    if (kind === '.gz') return unpacked(member.bytes, 'gzip');
    if (kind === '.zst') return unpacked(member.bytes, 'zstd');
    throw new IgniteError('kernels/unsupported-compression', `A package with ${member.name} cannot be read`, {
      details: { member: member.name },
    });
  }
  throw corrupt('deb', 'it has no data.tar');
}

async function* unpacked(packed: Buffer, compression: 'gzip' | 'zstd'): AsyncGenerator<Uint8Array, void> {
  try {
    yield* inflate(pieces([packed]), compression);
  } catch (cause) {
    throw corrupt('deb', 'its data.tar cannot be unpacked', cause);
  }
}

/** Lets other work run between pieces: the decoder itself never waits. */
async function* pieces(source: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  for (const piece of source) {
    yield piece;
    await setImmediate();
  }
}

function* arMembers(deb: Buffer): Generator<{ readonly name: string; readonly bytes: Buffer }> {
  if (!isDeb(deb)) throw corrupt('deb', 'no ar header');
  let at = AR_MAGIC.length;
  while (at + AR_HEADER <= deb.length) {
    const header = deb.toString('latin1', at, at + AR_HEADER);
    const size = Number(header.slice(48, 58).trim());
    if (header.slice(58) !== '`\n' || !Number.isSafeInteger(size) || size < 0) {
      throw corrupt('deb', `the member at byte ${at}`);
    }
    const start = at + AR_HEADER;
    if (start + size > deb.length) throw corrupt('deb', 'it ends early');
    // GNU ar ends names with a slash
    yield { name: header.slice(0, 16).trim().replace(/\/$/, ''), bytes: deb.subarray(start, start + size) };
    at = start + size + (size % 2);
  }
}
