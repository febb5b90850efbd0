// Files of the event log: their names, and the events in them.
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventBody } from '@ignite/api';
import { hasErrno } from '../host/index.ts';
import { guarded, stateError } from './state-errors.ts';

export interface Segment {
  /** Number of its first event. */
  readonly first: number;
  readonly path: string;
  bytes: number;
}

/** The segments of a folder, oldest first. */
export async function listSegments(folder: string): Promise<Segment[]> {
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
export function parseSegment(bytes: Buffer): EventBody[] {
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
