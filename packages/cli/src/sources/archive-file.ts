// An archive named on the command line: a file, a folder that is sent as a tar, or stdin.
import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { CommandContext } from '../context.ts';
import { unreadable } from '../request/files.ts';
import { usage } from '../usage-error.ts';

const CHUNK = 1 << 20;

/** An archive on its way, and its size where that is known. */
export interface Archive {
  readonly stream: Readable;
  readonly bytes?: number;
}

/** Opens what a word names; `-` is stdin. @throws IgniteError `cli/file-unreadable`, `cli/usage` */
export async function openArchive({ host, signal }: CommandContext, word: string): Promise<Archive> {
  if (word === '-') {
    if (host.stdin.isTTY === true) throw usage('An archive is needed: name it, or send it to stdin');
    return { stream: host.stdin };
  }
  const path = resolve(host.cwd, word);
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) return { stream: await packFolder(path, signal) };
    const stream = Readable.from(piecesOf(await open(path), word), {
      objectMode: false,
      highWaterMark: CHUNK,
    });
    return facts.isFile() ? { stream, bytes: facts.size } : { stream };
  } catch (cause) {
    throw unreadable(word, cause);
  }
}

/** Nothing is read before somebody asks: a stream of Node's own would fail while nobody listens yet. */
async function* piecesOf(file: FileHandle, word: string): AsyncGenerator<Uint8Array> {
  try {
    yield* file.createReadStream({ highWaterMark: CHUNK });
  } catch (cause) {
    throw unreadable(word, cause);
  }
}

async function packFolder(path: string, signal: AbortSignal): Promise<Readable> {
  const { packDirectory } = await import('@ignite/archive');
  return Readable.from(packDirectory(path, { signal, name: '' }));
}
