// A folder of manifests as a source. The files are the user's: read, never changed. Editors write in several steps and
// rename files, so a listing is taken only when the folder has been quiet for a moment.
import { createHash } from 'node:crypto';
import { watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { IgniteError } from '@ignite/api';
import { openEntry } from '@ignite/archive';
import { isManifest } from '../parse-tree.ts';
import type { Listing, Origin, TreeFile } from '../port.ts';

/** As in the original's watcher, which batches events until a second has passed without one (GIT-40). */
const QUIET_MS = 1_000;
/** Network file systems send no events for changes of other hosts: names, sizes and times are looked at this often. */
const INTERVAL_MS = 60_000;
/** So much is read of a file that has grown since it was listed. */
const ANY_BYTES = 1 << 20;

/** The folder as an origin. @param path absolute; it may appear later: it is looked for at every interval */
export function folderOrigin(path: string, quietMs = QUIET_MS): Origin {
  if (!isAbsolute(path)) throw new IgniteError('source/bad-path', `"${path}" is no absolute path`);
  let before: string | undefined;
  return {
    manager: `folder:${path}`,
    kind: 'folder',
    intervalMs: INTERVAL_MS,
    list: async (signal) => {
      const listing = await settled(path, quietMs, signal);
      if (listing.revision === before) return undefined;
      before = listing.revision;
      return listing;
    },
    watch: (changed, signal) => watchFolder(path, changed, signal),
  };
}

/** The listing, once two taken `quietMs` apart agree in files, sizes and times. */
async function settled(path: string, quietMs: number, signal: AbortSignal): Promise<Listing> {
  let listing = await look(path);
  for (;;) {
    if (listing.files.every(({ key }) => oldEnough(key, quietMs))) return listing;
    await pause(quietMs, signal);
    const next = await look(path);
    if (next.revision === listing.revision) return next;
    listing = next;
  }
}

/** Whether nobody wrote to the file just now. */
function oldEnough(key: string, quietMs: number): boolean {
  return Date.now() - Number(key.split(' ')[0]) >= quietMs;
}

async function look(path: string): Promise<Listing> {
  const names = await namesIn(path);
  const files: TreeFile[] = [];
  for (const name of names.filter(isManifest).sort()) {
    const facts = await stat(join(path, name)).catch(() => undefined); // gone since
    if (facts === undefined) continue;
    if (facts.isFile())
      files.push({
        path: name,
        key: `${Math.floor(facts.mtimeMs)} ${facts.ctimeMs} ${facts.ino} ${facts.size}`,
        bytes: facts.size,
      });
  }
  const revision = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
  return {
    revision,
    files,
    problems: [],
    notes: [],
    read: (wanted, signal) => readAll(path, wanted, signal),
  };
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path, { recursive: true });
  } catch (cause) {
    throw new IgniteError('source/unreachable', `The folder ${path} could not be read`, { cause });
  }
}

async function readAll(
  path: string,
  files: readonly TreeFile[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const file of files) {
    const read = await readOne(join(path, file.path), file, signal).catch(() => undefined);
    if (read !== undefined) texts.set(file.path, read);
  }
  return texts;
}

/** What has come to lie there since the look may be a fifo, or without end: then there is no text. */
async function readOne(path: string, { bytes }: TreeFile, signal: AbortSignal): Promise<string | undefined> {
  await using file = await openEntry(path, true);
  const facts = await file.stat();
  if (!facts.isFile() || facts.size > Math.max(bytes, ANY_BYTES)) return undefined;
  if (facts.size === 0) return '';
  return await text(file.createReadStream({ start: 0, end: facts.size - 1, autoClose: false, signal }));
}

/** Calls `changed` at each event; a folder that is missing, or is removed, is looked for at every interval. */
function watchFolder(path: string, changed: () => void, signal: AbortSignal): void {
  try {
    const watcher = watch(path, { recursive: true, signal });
    watcher.on('change', () => changed());
    watcher.on('error', () => changed());
  } catch {
    changed();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(done, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    };
    function done() {
      signal.removeEventListener('abort', stop);
      resolve();
    }
    signal.addEventListener('abort', stop, { once: true });
  });
}
