// Files of the event log: finding them, appending to the newest, dropping the oldest, reading events from them.
import { appendFile, open, readdir, readFile, stat, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventBody } from '@ignite/api';
import { hasErrno } from '../host/index.ts';
import { guarded, stateError } from './state-errors.ts';

export interface EventLimits {
  /** A segment of at least so many bytes takes no more. */
  readonly segmentBytes: number;
  readonly segments: number;
}

export interface Segment {
  /** Number of its first event. */
  readonly first: number;
  readonly path: string;
  bytes: number;
}

export interface Segments {
  /** Number of the last event found at opening; 0 for none. */
  readonly last: number;
  append(events: readonly EventBody[]): Promise<void>;
  /** The segment that has the event `seq`, or would have had it; the oldest where that was dropped. */
  holding(seq: number): Segment | undefined;
  after(segment: Segment): Segment | undefined;
}

/** Opens the segments of a folder; half a line at the end of the newest is cut off. */
export async function openSegments(
  folder: string,
  pathOf: (first: number) => string,
  limits: EventLimits,
): Promise<Segments> {
  const segments = await listSegments(folder);
  const last = await mendLast(segments.at(-1));

  const roomFor = async (seq: number): Promise<Segment> => {
    const current = segments.at(-1);
    if (current !== undefined && current.bytes < limits.segmentBytes) return current;
    const next: Segment = { first: seq, path: pathOf(seq), bytes: 0 };
    segments.push(next);
    for (const oldest of segments.splice(0, Math.max(0, segments.length - limits.segments)))
      await unlink(oldest.path).catch(() => {}); // it is not listed any more
    return next;
  };

  return {
    last,
    append: async (events) => {
      const [first] = events;
      if (first === undefined) return;
      const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
      const segment = await roomFor(first.seq);
      try {
        await appendFile(segment.path, text, { mode: 0o600 });
      } catch (error) {
        await truncate(segment.path, segment.bytes).catch(() => {}); // half a line would spoil the next
        throw error;
      }
      segment.bytes += Buffer.byteLength(text);
    },
    holding: (seq) => segments.findLast((segment) => segment.first <= seq) ?? segments[0],
    after: (segment) => segments.find((later) => later.first > segment.first),
  };
}

/** The last number of the newest segment; half a line at its end is cut off. */
async function mendLast(segment: Segment | undefined): Promise<number> {
  if (segment === undefined) return 0;
  const bytes = await guarded('read', segment.path, () => readFile(segment.path));
  const good = bytes.lastIndexOf(0x0a) + 1;
  if (good < bytes.length) await guarded('mend', segment.path, () => truncate(segment.path, good));
  segment.bytes = good;
  return parseSegment(bytes).at(-1)?.seq ?? segment.first - 1;
}

/** The segments of a folder, oldest first. */
async function listSegments(folder: string): Promise<Segment[]> {
  const names = await guarded('read', folder, () => readdir(folder));
  const firsts = names.filter((name) => /^[0-9]{16}\.jsonl$/.test(name)).sort();
  return Promise.all(
    firsts.map(async (name) => {
      const path = join(folder, name);
      const { size } = await guarded('read', path, () => stat(path));
      return { first: Number.parseInt(name, 10), path, bytes: size };
    }),
  );
}

/** The events from a byte on, and how many bytes they are; a segment that was dropped meanwhile has none. */
export async function readSegment(
  segment: Segment | undefined,
  offset: number,
): Promise<{ readonly events: readonly EventBody[]; readonly bytes: number }> {
  if (segment === undefined) return { events: [], bytes: 0 };
  let bytes: Buffer;
  try {
    await using file = await open(segment.path, 'r');
    const { size } = await file.stat();
    bytes = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    bytes = bytes.subarray(0, bytesRead);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return { events: [], bytes: 0 };
    throw stateError('read', segment.path, error);
  }
  const good = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
  return { events: parseSegment(good), bytes: good.length };
}

/** The events of a segment; lines that are none, and half a line at the end, are left out. */
function parseSegment(bytes: Buffer): EventBody[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => parseEvent(line) ?? []);
}

function parseEvent(line: string): EventBody | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is EventBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    'seq' in value &&
    Number.isSafeInteger(value.seq) &&
    'time' in value &&
    typeof value.time === 'string' &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    'action' in value &&
    typeof value.action === 'string' &&
    'attributes' in value &&
    typeof value.attributes === 'object'
  );
}
