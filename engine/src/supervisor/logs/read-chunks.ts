// The bytes of one rotated log from its oldest file on, and, when following, what is added and what rotation brings.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { closeLogFiles, type LogFile, type LogName, openLogFiles } from './log-files.ts';
import { type FolderWatch, watchFolder } from './watch-folder.ts';

interface ChunkOptions {
  /** Goes on at the end of the newest file until `stop` settles. */
  readonly follow: boolean;
  /** Settles when no more will come, or nobody wants more; what was written by then is still read. */
  readonly stop: Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

export interface Chunk {
  readonly file: LogFile;
  /** Place of the first byte in its file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Written after the reading began. */
  readonly fresh: boolean;
}

const CHUNK_BYTES = 64 << 10;

interface Place {
  files: LogFile[];
  offset: number;
}

/** Yields chunks; 'caught-up' each time there is nothing more for now, and once at the end. */
export async function* readChunks(
  directory: string,
  name: LogName,
  options: ChunkOptions,
): AsyncGenerator<Chunk | 'caught-up'> {
  using watcher = options.follow ? watchFolder(directory) : undefined;
  const place: Place = { files: await openLogFiles(directory, name), offset: 0 };
  try {
    yield* readFiles(place, false);
    yield 'caught-up';
    if (watcher === undefined) return;
    for await (const _ of changes(watcher, options)) {
      yield* readNew(directory, name, place);
      yield 'caught-up';
    }
  } finally {
    await closeLogFiles(place.files);
  }
}

/** One turn for each change, and a last one after `stop`. */
async function* changes(watcher: FolderWatch, { stop, signal }: ChunkOptions): AsyncGenerator<void> {
  let stopped = false;
  // Once, not for each change: a promise that stays open keeps every reaction it was ever given.
  const end = () => {
    stopped = true;
    watcher.wake();
  };
  stop.then(end, end);
  for (let last = false; !last; ) {
    await watcher.next();
    if (signal?.aborted) return;
    last = stopped; // what is written while this turn is read, and before the stop, gets a turn of its own
    yield;
  }
}

async function* readNew(directory: string, name: LogName, place: Place): AsyncGenerator<Chunk> {
  const newest = await newestInode(directory, name);
  yield* readFiles(place, true);
  if (newest === undefined || newest === place.files.at(-1)?.inode) return;
  await moveOn(directory, name, place);
  yield* readFiles(place, true);
}

/** After a rotation: the files after the one that was read to its end. */
async function moveOn(directory: string, name: LogName, place: Place): Promise<void> {
  const done = place.files;
  const all = await openLogFiles(directory, name);
  const at = all.findIndex(({ inode }) => inode === done.at(-1)?.inode);
  place.files = all.slice(at + 1);
  place.offset = 0;
  await closeLogFiles([...done, ...all.slice(0, at + 1)]);
}

async function newestInode(directory: string, name: LogName): Promise<bigint | undefined> {
  const facts = await stat(join(directory, `${name}.log`), { bigint: true }).catch(() => undefined);
  return facts?.ino; // missing in the middle of a rotation: looked at again at the next change
}

/** Reads to the end of the newest file, closing those before it. */
async function* readFiles(place: Place, fresh: boolean): AsyncGenerator<Chunk> {
  for (;;) {
    const [file, next] = place.files;
    if (file === undefined) return;
    for (;;) {
      const { buffer, bytesRead } = await file.handle.read(
        Buffer.allocUnsafe(CHUNK_BYTES),
        0,
        CHUNK_BYTES,
        place.offset,
      );
      if (bytesRead === 0) break;
      const offset = place.offset;
      place.offset += bytesRead;
      yield { file, offset, bytes: buffer.subarray(0, bytesRead), fresh };
    }
    if (next === undefined) return;
    place.files = place.files.slice(1);
    place.offset = 0;
    await file.handle.close();
  }
}
