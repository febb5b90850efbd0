// The numbered log of what happened: segments of 4 MiB named by their first number, at most 16. A subscriber is a
// number and costs nothing; one that falls behind the oldest segment gets a `gap`.
import { mkdir } from 'node:fs/promises';
import type { EventBody } from '@ignite/api';
import { type Clock, createQueue } from '../host/index.ts';
import { type Bell, createBell } from './bell.ts';
import {
  type EventLimits,
  openSegments,
  readSegment,
  type Segment,
  type Segments,
} from './event-segments.ts';
import { stateFile } from './files.ts';
import type { Events } from './port.ts';
import { guarded } from './state-errors.ts';

const LIMITS: EventLimits = { segmentBytes: 4 << 20, segments: 16 };

/** Opens the log; numbers go on where they ended, a torn last line is dropped. */
export async function openEvents(root: string, clock: Clock, limits: EventLimits = LIMITS): Promise<Events> {
  const folder = stateFile(root, 'events', {});
  await guarded('make', folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  const pathOf = (seq: number) => stateFile(root, 'eventSegment', { seq: String(seq).padStart(16, '0') });
  const segments = await openSegments(folder, pathOf, limits);
  const queue = createQueue();
  const bell = createBell();
  let last = segments.last;
  let batch: EventBody[] = [];

  const write = () => {
    const events = batch;
    batch = [];
    return segments.append(events);
  };

  const log: Log = {
    segments,
    clock,
    bell,
    last: () => last,
    written: () => last - batch.length,
    flush: () => queue(async () => {}),
  };

  return {
    last: log.last,
    flush: log.flush,
    read: (options) => readLog(log, options),
    emit: (event) => {
      last += 1;
      batch.push({ seq: last, time: clock.now().toISOString(), ...event });
      // A log that cannot be written must not stop the work that it records; its readers get a gap.
      if (batch.length === 1) void queue(write).then(bell.ring, bell.ring);
    },
  };
}

interface Log {
  readonly segments: Segments;
  readonly clock: Clock;
  readonly bell: Bell;
  last(): number;
  /** Number of the newest event whose writing has begun. */
  written(): number;
  flush(): Promise<void>;
}

async function* readLog(log: Log, options: Parameters<Events['read']>[0]): AsyncGenerator<EventBody> {
  const { follow, signal } = options;
  let cursor = options.since;
  if (cursor > log.last()) {
    cursor = log.last(); // numbers of a state directory that is gone, or that a power cut took back
    yield gap(log.clock, cursor, cursor);
  }
  let segment: Segment | undefined;
  let offset = 0;
  while (!signal.aborted) {
    await log.flush();
    const written = log.written();
    segment ??= log.segments.holding(cursor + 1);
    const { events, bytes } = await readSegment(segment, offset);
    offset += bytes;
    for (const event of events) {
      if (event.seq <= cursor) continue;
      if (event.seq > cursor + 1) yield gap(log.clock, cursor + 1, event.seq - 1);
      cursor = event.seq;
      yield event;
      if (signal.aborted) return;
    }
    if (bytes > 0) continue;
    const next = segment && log.segments.after(segment);
    if (next !== undefined) {
      segment = next;
      offset = 0;
    } else if (!follow) return;
    else if (log.written() <= written) await log.bell.wait(signal);
  }
}

/** The `gap` event: it has the last number that is missing, so that a reader can go on from it. */
function gap(clock: Clock, from: number, to: number): EventBody {
  const attributes = { from: String(from), to: String(to) };
  return { seq: to, time: clock.now().toISOString(), kind: 'gap', action: 'gap', attributes };
}
