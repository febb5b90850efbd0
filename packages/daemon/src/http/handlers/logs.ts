// The body of `logs`: LOG frames, from the files the supervisor writes, in any state of the VM.
import type { HandlerQuery } from '@ignite/api';
import { encodeLog, type LogPiece } from '@ignite/api/frames';
import { type LogQuery, readAppLog, readConsoleLog, readVmmLog, type VmLogs } from '@ignite/engine';
import { LIMIT } from '@ignite/protocol';

const READERS = { app: readAppLog, console: readConsoleLog, vmm: readVmmLog } as const;
const PIECE_BYTES = LIMIT.PAYLOAD - LIMIT.LOG_HEADER;

/** The frames that a query asks for; without a source the command's output, of a machine its console. */
export async function* logFrames(
  logs: VmLogs,
  query: HandlerQuery<'logs'>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const read = READERS[query.source ?? (logs.mode === 'app' ? 'app' : 'console')];
  const options: LogQuery = {
    tail: query.tail,
    since: query.since === undefined ? undefined : new Date(query.since),
    until: query.until === undefined ? undefined : new Date(query.until),
    follow: query.follow,
    ended: logs.ended,
    signal,
  };
  for await (const piece of read(logs.directory, options)) yield* framesOf(piece);
}

function* framesOf(piece: LogPiece): Generator<Uint8Array> {
  for (let at = 0; at < piece.bytes.length; at += PIECE_BYTES)
    yield encodeLog({ ...piece, bytes: piece.bytes.subarray(at, at + PIECE_BYTES) });
}
