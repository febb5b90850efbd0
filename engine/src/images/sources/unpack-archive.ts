// The files of a tar archive into one flat folder, under numbers. Runs in the worker; what the archive means is found out
// by the daemon from names and documents, after the worker is gone.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api';
import { byteStringText, normalizeName, readTar, type TarEntry } from '@ignite/archive';
import { plainArchive } from './plain-archive.ts';
import type { JobLimits, Unpacked } from '../../worker/messages.ts';

/** The daemon is told all names in one message: with a compression they cost an archive next to nothing. */
const LONGEST_NAME = 4096;

/**
 * Unpacks regular files; links stand for the file they name (older `docker save` archives link layers they share).
 * @throws IgniteError `images/bad-archive`, `images/too-large`
 */
export async function unpackArchive(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
  limits: JobLimits,
): Promise<Unpacked> {
  try {
    return await unpack(stream, folder, limits);
  } catch (cause) {
    if (!isIgniteError(cause) || cause.code.startsWith('images/')) throw cause;
    throw new IgniteError('images/bad-archive', 'The archive cannot be read', { cause });
  }
}

async function unpack(
  stream: AsyncIterable<Uint8Array>,
  folder: string,
  limits: JobLimits,
): Promise<Unpacked> {
  const files = new Map<string, { file: number; size: number }>();
  const links = new Map<string, string>();
  let bytes = 0;
  let entries = 0;
  for await (const entry of readTar(plainArchive(stream, limits), {
    maximumFileBytes: limits.maxUnpackedBytes,
  })) {
    entries += 1;
    bytes += entry.size;
    if (entries > limits.maxEntries || bytes > limits.maxUnpackedBytes)
      throw new IgniteError('images/too-large', 'The archive is larger than the import limits allow');
    const name = byteStringText(normalizeName(entry.name));
    const target = linkTarget(entry, name);
    if (name.length > LONGEST_NAME || (target?.length ?? 0) > LONGEST_NAME)
      throw new IgniteError(
        'images/bad-archive',
        `The archive has a name of more than ${LONGEST_NAME} characters: ${name.slice(0, 100)}`,
      );
    if (target !== undefined) links.set(name, target);
    if (entry.type !== 'file') continue;
    await writeEntry(join(folder, String(entries)), entry);
    files.set(name, { file: entries, size: entry.size });
  }
  for (const [name, target] of links) {
    const file = files.get(target);
    if (file !== undefined) files.set(name, file);
  }
  return { files: [...files].map(([name, file]) => ({ name, ...file })) };
}

function linkTarget(entry: TarEntry, name: string): string | undefined {
  if (entry.type === 'hardlink') return byteStringText(normalizeName(entry.linkName));
  if (entry.type !== 'symlink') return undefined;
  const parent = name.slice(0, name.lastIndexOf('/') + 1);
  return byteStringText(normalizeName(`${parent}${byteStringText(entry.linkName)}`));
}

async function writeEntry(path: string, entry: TarEntry): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  let position = 0;
  for await (const chunk of entry.content)
    for (let done = 0; done < chunk.length; ) {
      const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position);
      done += bytesWritten;
      position += bytesWritten;
    }
}
