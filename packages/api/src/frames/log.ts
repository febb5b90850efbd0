// LOG frames: output of the app-mode main process on `facts`, on the supervisor's `app` channel and in the body of
// `GET /v1/vms/{ref}/logs`. Payload: stream u8 (1 stdout, 2 stderr), guest time u64 in nanoseconds, bytes.
import { FRAME, LIMIT } from '@ignite/protocol';
import { encodeFrame, type Frame } from './frame.ts';
import { violation } from './violation.ts';

export interface LogPiece {
  readonly stream: 1 | 2;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
}

/** One LOG frame; `bytes` at most LIMIT.PAYLOAD - LIMIT.LOG_HEADER. */
export function encodeLog(piece: LogPiece): Uint8Array {
  const head = new Uint8Array(LIMIT.LOG_HEADER);
  head[0] = piece.stream;
  new DataView(head.buffer).setBigUint64(1, piece.time, true);
  return encodeFrame(FRAME.LOG, 0, head, piece.bytes);
}

/** Reads the payload of a LOG frame. @throws IgniteError `guest/protocol` */
export function decodeLog(frame: Frame): LogPiece {
  const { payload } = frame;
  const stream = payload[0];
  if (payload.length < LIMIT.LOG_HEADER || (stream !== 1 && stream !== 2))
    throw violation('A log frame has no valid header');
  const time = new DataView(payload.buffer, payload.byteOffset).getBigUint64(1, true);
  return { stream, time, bytes: payload.subarray(LIMIT.LOG_HEADER) };
}
