// One journal file: loading it after a crash, appending a line by one write(2), shrinking it to its live set.
import { copyFile, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import {
  type Clock,
  hasErrno,
  replaceFile,
  syncDirectory,
  writeFileAtomic,
  makeFolder,
} from '../host/index.ts';
import { decodeLine, encodeLine, type JournalLine } from './journal-line.ts';
import { applyLine, EMPTY, type LiveSet } from './live-set.ts';
import type { FaultPoints } from './port.ts';
import { guarded } from './state-errors.ts';

/** A line before it has its number and time. */
export type NewLine = Omit<JournalLine, 'n' | 't'>;

/** What the bytes of a journal file say. */
interface JournalContent {
  readonly set: LiveSet;
  /** Number of the last good line. */
  readonly n: number;
  /** Bytes of the good lines; a torn last line after them is dropped. */
  readonly goodBytes: number;
  /** The first bad line, from 1, and why. */
  readonly bad?: { readonly line: number; readonly why: string };
}

/**
 * Reads a journal (FORMATS, Journal, 5). A last line without its line feed was torn by a crash, and so was one with
 * NUL bytes, which are blocks that never reached the disk; any other bad line is damage.
 */
export function readJournal(bytes: Buffer): JournalContent {
  let set = EMPTY;
  let n = 0;
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) break;
    const raw = bytes.subarray(start, end);
    const line = decodeLine(raw);
    const why = typeof line === 'string' ? line : line.n === n + 1 ? undefined : 'is out of sequence';
    if (typeof line === 'string' || why !== undefined) {
      if (end === bytes.length - 1 && raw.includes(0)) break;
      return { set, n, goodBytes: start, bad: { line: n + 1, why: why ?? 'is bad' } };
    }
    set = applyLine(set, line);
    n = line.n;
    start = end + 1;
  }
  return { set, n, goodBytes: start };
}

export interface JournalFile {
  readonly path: string;
  set(): LiveSet;
  /** How long it has become. */
  bytes(): number;
  readonly problem: IgniteError | undefined;
  append(line: NewLine, sync: boolean): Promise<void>;
  /** Replaces the file by one that holds only the live set and no operation. */
  compact(op: string): Promise<void>;
}

/** Opens a journal file; one that is missing is made by the first line. Boot-lived ones are never synced. */
export async function openJournalFile(
  path: string,
  clock: Clock,
  lasting: boolean,
  points: FaultPoints = async () => {},
): Promise<JournalFile> {
  const bytes = await guarded('read', path, () => readOrEmpty(path));
  const content = readJournal(bytes);
  const problem = content.bad && brokenError(path, content.bad);
  let { set, n, goodBytes } = content;
  let exists = bytes.length > 0;
  let clean = goodBytes === bytes.length;

  const number = (line: NewLine, at: number): JournalLine => ({
    n: at,
    t: clock.now().toISOString(),
    ...line,
  });

  const append = async (line: NewLine, sync: boolean) => {
    if (problem !== undefined) throw problem;
    const numbered = number(line, n + 1);
    const encoded = encodeLine(numbered);
    if (!exists) await makeFolder(dirname(path));
    if (!clean) await truncate(path, goodBytes);
    clean = false;
    await appendBytes(path, encoded, sync && lasting);
    if (!exists && lasting) await syncDirectory(dirname(path));
    exists = true;
    clean = true;
    n = numbered.n;
    goodBytes += encoded.length;
    set = applyLine(set, numbered);
  };

  const compact = async (op: string) => {
    if (problem !== undefined) throw problem;
    const lines = liveLines(set, op);
    if (set.pending === undefined && clean && n === lines.length) return;
    const kept = lines.map((line, index) => encodeLine(number(line, index + 1)));
    const whole = Buffer.concat(kept);
    await makeFolder(dirname(path));
    await (lasting ? writeFileAtomic(path, whole) : replaceFile(path, whole));
    set = { claims: set.claims };
    n = kept.length;
    goodBytes = whole.length;
    exists = true;
    clean = true;
  };

  const atPoint = (name: string, action: string, work: () => Promise<void>) =>
    guarded(action, path, async () => {
      await points(`before ${name}`);
      await work();
      await points(`after ${name}`);
    });

  return {
    path,
    set: () => set,
    bytes: () => goodBytes,
    problem,
    append: (line, sync) => atPoint(nameOf(line), 'write', () => append(line, sync)),
    compact: (op) => atPoint('done', 'shrink', () => compact(op)),
  };
}

function nameOf({ k, res, name, verb }: NewLine): string {
  return [k, verb, res, name].filter((word) => word !== undefined).join(' ');
}

/**
 * Makes a journal that has a bad line whole again from what stood before it; the file is kept under another name.
 * @returns whether it was bad
 */
export async function mendJournalFile(path: string, kept: string, clock: Clock): Promise<boolean> {
  const { set, bad } = readJournal(await guarded('read', path, () => readOrEmpty(path)));
  if (bad === undefined) return false;
  const lines = liveLines(set, '-').map((line, index) =>
    encodeLine({ n: index + 1, t: clock.now().toISOString(), ...line }),
  );
  await guarded('mend', path, async () => {
    await copyFile(path, kept); // to another file system where it is below /run; and claims are never without a journal
    await writeFileAtomic(path, Buffer.concat(lines));
  });
  return true;
}

function liveLines(set: LiveSet, op: string): NewLine[] {
  return [...set.claims.values()].flatMap((claim) => {
    const fields = {
      boot: claim.boot,
      op,
      res: claim.kind,
      name: claim.name,
      ...(claim.data === undefined ? {} : { d: claim.data }),
    };
    const made: NewLine[] = claim.made ? [{ k: 'made', ...fields }] : [];
    return [{ k: 'claim' as const, ...fields }, ...made];
  });
}

async function readOrEmpty(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return Buffer.alloc(0);
    throw error;
  }
}

/** A file that the failed write did not even make needs none. */
async function truncate(path: string, bytes: number): Promise<void> {
  try {
    await using file = await open(path, 'r+');
    await file.truncate(bytes);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') || bytes > 0) throw error;
  }
}

async function appendBytes(path: string, bytes: Buffer, sync: boolean): Promise<void> {
  await using file = await open(path, 'a', 0o600);
  const { bytesWritten } = await file.write(bytes);
  if (bytesWritten < bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
  if (sync) await file.datasync();
}

function brokenError(path: string, bad: { readonly line: number; readonly why: string }): IgniteError {
  return new IgniteError('state/journal-broken', `Line ${bad.line} of the journal ${path} ${bad.why}`, {
    details: { path, line: bad.line },
  });
}
