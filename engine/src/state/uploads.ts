// Files for VMs that are about to be made, as their clients send them: archives below imports/, which is emptied when a
// daemon starts. Each is taken by one VM, or thrown away after an hour.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { makeFolder, syncDirectory } from '../host/index.ts';
import { stateFile } from './files.ts';
import { guarded } from './state-errors.ts';

/** An archive that waits for its VM; disposing throws it away where it was not moved. */
export interface Upload extends AsyncDisposable {
  readonly id: string;
  /** Its size: a drive's, whole pages. */
  readonly bytes: number;
  /** Moves it, lasting when this returns. @throws IgniteError `state/…` */
  moveTo(path: string): Promise<void>;
}

export interface Uploads {
  /**
   * Takes a tar in and keeps it; what was written of one that breaks off is removed.
   * @throws IgniteError `state/disk-full` and others of the file system; what the stream throws
   */
  keep(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Upload>;
  /** What take would give; it stays. @throws IgniteError `volumes/upload-gone` */
  look(id: string): Pick<Upload, 'bytes'>;
  /** The archive of an id, which is given to one VM only. @throws IgniteError `volumes/upload-gone` */
  take(id: string): Upload;
  /** Throws it away where nobody took it. */
  drop(id: string): Promise<void>;
}

/** The blocks of drives that every VMM takes. */
const PAGE = 4096;
const ID_BYTES = 16;
/** Between the two calls of a client there may be the pull of an image. */
const KEPT_MS = 3_600_000;

/** The uploads of a state directory. */
export function createUploads(root: string): Uploads {
  const kept = new Map<string, { readonly upload: Upload; readonly timer: NodeJS.Timeout }>();
  const forget = (id: string): Upload | undefined => {
    const found = kept.get(id);
    clearTimeout(found?.timer);
    kept.delete(id);
    return found?.upload;
  };
  const look = (id: string): Upload => {
    const found = kept.get(id);
    if (found !== undefined) return found.upload;
    throw new IgniteError('volumes/upload-gone', `There are no files ${id} for a new VM here (any more)`);
  };
  return {
    look,
    take: (id) => {
      const upload = look(id);
      forget(id);
      return upload;
    },
    drop: async (id) => forget(id)?.[Symbol.asyncDispose](),
    keep: async (stream, signal) => {
      const id = randomBytes(ID_BYTES).toString('hex');
      const path = stateFile(root, 'upload', { op: id });
      const upload = uploadAt(id, path, await receive(path, stream, signal));
      const timer = setTimeout(() => {
        kept.delete(id);
        void upload[Symbol.asyncDispose]();
      }, KEPT_MS);
      timer.unref();
      kept.set(id, { upload, timer });
      return upload;
    },
  };
}

function uploadAt(id: string, path: string, bytes: number): Upload {
  return {
    id,
    bytes,
    moveTo: (target) =>
      guarded('write', target, async () => {
        await rename(path, target);
        await syncDirectory(dirname(target));
      }),
    [Symbol.asyncDispose]: () => rm(path, { force: true }),
  };
}

/** Writes a stream into a new file, at the pace of the disk; its size in whole pages. */
async function receive(
  path: string,
  stream: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number> {
  await guarded('make', dirname(path), () => makeFolder(dirname(path)));
  try {
    await using file = await guarded('make', path, () => open(path, 'wx', 0o600));
    let bytes = 0;
    for await (const chunk of stream) {
      signal.throwIfAborted();
      await guarded('write', path, () => writeAll(file, chunk));
      bytes += chunk.length;
    }
    signal.throwIfAborted();
    const whole = Math.ceil(bytes / PAGE) * PAGE;
    await guarded('write', path, async () => {
      await file.truncate(whole);
      await file.sync();
    });
    return whole;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; )
    done += (await file.write(chunk, done, chunk.length - done)).bytesWritten;
}
