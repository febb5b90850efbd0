// Records of app.log as the bytes the app wrote: a newline after each F, P records joined to the line they begin.
import type { LogPiece } from '@ignite/api/frames';
import { type CriLine, parseCriLine } from './cri-line.ts';
import type { LogFile } from './log-files.ts';
import type { Chunk } from './read-chunks.ts';

/** A line longer than this is delivered in parts. */
const MAX_JOINED_BYTES = 1 << 20;
/** Longer than any record of native/spawn/cri.c: what a crash of the host left in the place of lines is none. */
const MAX_RECORD_BYTES = 32 << 10;
const NEWLINE = 10;
const END = Uint8Array.of(NEWLINE);

interface Joined {
  readonly time: bigint;
  readonly parts: Uint8Array[];
  bytes: number;
}

/** Chunks of app.log → whole lines; an unfinished line is delivered when nothing more is there for now. */
export async function* appPieces(
  chunks: AsyncIterable<Chunk | 'caught-up'>,
): AsyncGenerator<LogPiece | 'caught-up'> {
  const open = new Map<1 | 2, Joined>();
  const lines = recordSplitter();
  for await (const chunk of chunks) {
    if (chunk === 'caught-up') {
      for (const stream of [1, 2] as const) yield* close(open, stream);
      yield chunk;
      continue;
    }
    for (const line of lines(chunk)) {
      const record = parseCriLine(line);
      if (record !== undefined) yield* take(open, record);
    }
  }
}

function* take(open: Map<1 | 2, Joined>, { stream, time, whole, content }: CriLine): Generator<LogPiece> {
  if (whole && !open.has(stream)) {
    yield { stream, time, bytes: Buffer.concat([content, END]) };
    return;
  }
  const joined = open.get(stream) ?? { time, parts: [], bytes: 0 };
  open.set(stream, joined);
  joined.parts.push(content, ...(whole ? [END] : []));
  joined.bytes += content.length;
  if (whole || joined.bytes >= MAX_JOINED_BYTES) yield* close(open, stream);
}

function* close(open: Map<1 | 2, Joined>, stream: 1 | 2): Generator<LogPiece> {
  const joined = open.get(stream);
  if (joined === undefined) return;
  open.delete(stream);
  yield { stream, time: joined.time, bytes: Buffer.concat(joined.parts) };
}

/** Lines of consecutive chunks; no record crosses from one file into the next. */
function recordSplitter(): (chunk: Chunk) => Generator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  let file: LogFile | undefined;
  return function* lines(chunk) {
    const bytes = chunk.file === file && rest.length > 0 ? Buffer.concat([rest, chunk.bytes]) : chunk.bytes;
    file = chunk.file;
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.subarray(start, end);
      start = end + 1;
    }
    rest = bytes.length - start > MAX_RECORD_BYTES ? new Uint8Array(0) : bytes.subarray(start);
  };
}
