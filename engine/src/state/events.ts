// The numbered log of what happened: segments of 4 MiB named by their first number, at most 16. A subscriber is a
// number and costs nothing; who falls off the end is told by a `gap`.
import { appendFile, mkdir, readFile, truncate, unlink } from 'node:fs/promises';
import type { EventBody } from '@ignite/api';
import type { Clock } from '../host/index.ts';
import { listSegments, parseSegment, readSegment, type Segment } from './event-segments.ts';
import { stateFile } from './files.ts';
import type { Events, NewEvent } from './port.ts';
import { createQueue } from './queue.ts';
import { guarded } from './state-errors.ts';

export interface EventLimits {
  readonly segmentBytes: number;
  readonly segments: number;
}

const LIMITS: EventLimits = { segmentBytes: 4 << 20, segments: 16 };

/** Opens the log; numbers go on where they ended, a torn last line is dropped. */
export async function openEvents(root: string, clock: Clock, limits: EventLimits = LIMITS): Promise<Events> {
  const folder = stateFile(root, 'events', {});
  await guarded('make', folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  const segments = await listSegments(folder);
  const queue = createQueue();
  const waiting = new Set<() => void>();
  let last = await mendLast(segments.at(-1));
  let batch: EventBody[] = [];

  const write = async () => {
    const events = batch;
    batch = [];
    const [first] = events;
    if (first === undefined) return;
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    const segment = await roomFor(first.seq);
    await appendFile(segment.path, text, { mode: 0o600 });
    segment.bytes += Buffer.byteLength(text);
  };

  const roomFor = async (seq: number): Promise<Segment> => {
    const current = segments.at(-1);
    if (current !== undefined && current.bytes < limits.segmentBytes) return current;
    const next: Segment = { first: seq, path: stateFile(root, 'eventSegment', { seq: pad(seq) }), bytes: 0 };
    segments.push(next);
    while (segments.length > limits.segments) {
      const oldest = segments.shift();
      if (oldest !== undefined) await unlink(oldest.path).catch(() => {});
    }
    return next;
  };

  const wakeAll = () => {
    for (const wake of waiting) wake();
    waiting.clear();
  };

  const emit = (event: NewEvent) => {
    last += 1;
    batch.push({ seq: last, time: clock.now().toISOString(), ...event });
    if (batch.length > 1) return;
    // A log that cannot be written must not stop what it tells about; its readers get a gap.
    void queue(write).then(wakeAll, wakeAll);
  };

  const nextWake = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });

  /** The segment that has the event after `cursor`, or the oldest there is. */
  const locate = (cursor: number) =>
    segments.findLast((candidate) => candidate.first <= cursor + 1) ?? segments[0];

  async function* read(options: Parameters<Events['read']>[0]): AsyncGenerator<EventBody> {
    const { follow, signal } = options;
    let cursor = options.since;
    if (cursor > last) {
      cursor = last; // numbers of a state directory that is gone, or that a power cut took back
      yield gap(clock, last, last);
    }
    let segment: Segment | undefined;
    let offset = 0;
    while (!signal.aborted) {
      await queue(async () => {});
      const written = last - batch.length;
      segment ??= locate(cursor);
      const { events, bytes } = await readSegment(segment, offset);
      offset += bytes;
      for (const event of events) {
        if (event.seq <= cursor) continue;
        if (event.seq > cursor + 1) yield gap(clock, cursor + 1, event.seq - 1);
        cursor = event.seq;
        yield event;
        if (signal.aborted) return;
      }
      if (bytes > 0) continue;
      const next = segments.find((candidate) => candidate.first > (segment?.first ?? 0));
      if (segment !== undefined && next !== undefined) {
        segment = next;
        offset = 0;
      } else if (!follow) return;
      else if (last - batch.length <= written) await nextWake(signal);
    }
  }

  return { last: () => last, emit, read, flush: () => queue(async () => {}) };
}

/** The `gap` event: it has the last number that is missing, so that a reader can go on from it. */
function gap(clock: Clock, from: number, to: number): EventBody {
  const attributes = { from: String(from), to: String(to) };
  return { seq: to, time: clock.now().toISOString(), kind: 'gap', action: 'gap', attributes };
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

/** Names sort as numbers do. */
function pad(seq: number): string {
  return String(seq).padStart(16, '0');
}
