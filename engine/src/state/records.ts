// Records of one kind: read once at the start, kept in memory, written whole. One that cannot be read hides no other.
import { createHash } from 'node:crypto';
import { readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RecordCodec } from '@ignite/api';
import { IgniteError, isIgniteError } from '@ignite/api/errors';
import { LIMITS } from '@ignite/api/limits';
import { hasErrno, writeFilesAtomic, makeFolder, sweepTorn } from '../host/index.ts';
import { uidFolder } from './files.ts';
import type { BrokenObject, FaultPoints } from './port.ts';
import { guarded, stateError } from './state-errors.ts';

/** What every record has. */
interface StoredObject {
  readonly metadata: { readonly uid: string };
}

interface Records<T extends StoredObject> {
  list(): readonly T[];
  get(uid: string): T | undefined;
  broken(): readonly BrokenObject[];
  /** Folders without a record. */
  uncommitted(): readonly string[];
  put(record: T): Promise<void>;
  /**
   * Puts the backup of a broken record in its place; what was there is kept next to it.
   * @throws IgniteError `state/record-broken` where there is no backup that can be read
   */
  repair(name: string): Promise<T>;
  /** Forgets a record whose folder is gone. */
  forget(uid: string): void;
}

interface RecordsOptions<T> {
  /** What of a record cannot be found again by looking at the host: when it changes, a backup is written. */
  readonly essence?: (record: T) => unknown;
  readonly points?: FaultPoints | undefined;
}

const FILE = 'record.json';
const BACKUP = 'record.bak';
const KEPT = 'record.broken';
/** What is replaced whole in the folder of an object, by us alone. */
const REPLACED = [FILE, BACKUP, 'journal'];
const PARALLEL_READS = 32;

/**
 * Reads all records of one folder (`vms`); a folder that is missing has none.
 */
export async function openRecords<T extends StoredObject>(
  folder: string,
  codec: RecordCodec<T>,
  { essence, points = async () => {} }: RecordsOptions<T> = {},
): Promise<Records<T>> {
  /** Digests of what the backups have, by UID. */
  const backedUp = new Map<string, string>();
  const records = new Map<string, T>();
  const broken = new Map<string, BrokenObject>();
  const uncommitted = new Set<string>();
  await forEachParallel(await folderNames(folder), async (name) => {
    const path = join(folder, name, FILE);
    await sweepTorn(join(folder, name), REPLACED);
    try {
      const record = await readRecord(path, name, codec);
      if (record === undefined && (await isThere(join(folder, name, BACKUP))))
        throw brokenRecord(path, 'is missing, but the object was made once');
      if (record === undefined) uncommitted.add(name);
      else records.set(record.metadata.uid, record);
    } catch (error) {
      if (!isIgniteError(error)) throw error;
      const slot = (await slotInText(path)) ?? (await slotInText(join(folder, name, BACKUP)));
      broken.set(name, { folder: name, path, problem: error, ...(slot === undefined ? {} : { slot }) });
    }
  });

  /** Writes the record and, where its essence has changed, behind it the backup. */
  const write = async (record: T, path: string, bytes: string) => {
    const { uid } = record.metadata;
    const now = essence && digestOf(JSON.stringify(essence(record)));
    const backs = now !== undefined && backedUp.get(uid) !== now;
    const files = [path, ...(backs ? [join(dirname(path), BACKUP)] : [])];
    await writeFilesAtomic(files.map((file) => [file, bytes]));
    if (backs) backedUp.set(uid, now);
  };

  const put = async (record: T) => {
    const { uid } = record.metadata;
    const path = join(folder, uidFolder(uid), FILE);
    const bytes = encodeRecord(path, codec.encode(record));
    await guarded('write', path, async () => {
      await points('before record');
      await makeFolder(dirname(path));
      await write(record, path, bytes);
      await points('after record');
    });
    records.set(uid, record);
    uncommitted.delete(uidFolder(uid));
    broken.delete(uidFolder(uid));
  };

  return {
    repair: async (name) => {
      const place = join(folder, name);
      const record = await readRecord(join(place, BACKUP), name, codec);
      if (record === undefined) throw brokenRecord(join(place, FILE), 'has no backup');
      await guarded('keep', join(place, FILE), () => keepBroken(place));
      await put(record);
      return record;
    },
    list: () => [...records.values()],
    get: (uid) => records.get(uid),
    broken: () => [...broken.values()],
    uncommitted: () => [...uncommitted],
    put,
    forget: (uid) => {
      records.delete(uid);
      backedUp.delete(uid);
      broken.delete(uidFolder(uid));
      uncommitted.delete(uidFolder(uid));
    },
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

async function readRecord<T extends StoredObject>(
  path: string,
  folder: string,
  codec: RecordCodec<T>,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw stateError('read', path, error);
  }
  const record = decodeRecord(path, text, codec);
  if (uidFolder(record.metadata.uid) === folder) return record;
  throw brokenRecord(path, `is of another object, ${record.metadata.uid}`);
}

/** A record that cannot be read may still show its slot, which must not be given to another VM. */
async function slotInText(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'latin1').catch(() => '');
  const slot = /"slot":\s*([0-9]{1,4})\b/.exec(text)?.[1];
  return slot === undefined ? undefined : Number(slot);
}

async function isThere(path: string): Promise<boolean> {
  return (await readFile(path).catch(() => undefined)) !== undefined;
}

/** The file that cannot be read is evidence; one of an earlier repair gives way to it. */
async function keepBroken(place: string): Promise<void> {
  try {
    await rename(join(place, FILE), join(place, KEPT));
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}

/** Reads a record's text. @throws IgniteError `state/record-broken` with the place in the file */
export function decodeRecord<T>(path: string, text: string, codec: RecordCodec<T>): T {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw brokenRecord(path, `is not JSON${jsonPlace(text, cause)}`, cause);
  }
  try {
    return codec.decode(document);
  } catch (cause) {
    throw brokenRecord(path, 'does not have the fields of its kind', cause);
  }
}

/** V8 says `… at position 17 (line 2 column 3)`; only the place is taken from it. */
function jsonPlace(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position === undefined) return text.trim() === '' ? ' (it is empty)' : ' (it ends too early)';
  const lines = text.slice(0, Number(position)).split('\n');
  return ` (line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1})`;
}

/** The text of a record. @throws IgniteError `state/too-large` */
export function encodeRecord(path: string, document: unknown): string {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const bytes = Buffer.byteLength(text);
  if (bytes <= LIMITS.recordBytes) return text;
  throw new IgniteError('state/too-large', `The record ${path} would have ${bytes} bytes`, {
    details: { path, bytes },
  });
}

function brokenRecord(path: string, why: string, cause?: unknown): IgniteError {
  return new IgniteError('state/record-broken', `The record ${path} ${why}`, { cause, details: { path } });
}

async function folderNames(folder: string): Promise<string[]> {
  return guarded('read', folder, async () => {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return [];
      throw error;
    }
  });
}

async function forEachParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: PARALLEL_READS }, worker));
}
