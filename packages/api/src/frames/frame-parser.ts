// Cuts a byte stream into frames, however the pieces arrive. Holds at most one frame's bytes.
import { LIMIT } from '@ignite/protocol';
import { decodeHeader, type Frame, type FrameHeader } from './frame.ts';

export interface FrameParser {
  /**
   * Takes the next piece and returns the frames that are complete now. Payloads may share the piece's memory.
   * @throws IgniteError `guest/protocol`; the parser must not be used after that
   */
  push(piece: Uint8Array): readonly Frame[];
  /** Bytes of an unfinished frame held now: 0 means that the stream may end here. */
  readonly pending: number;
}

/** A parser at the begin of a frame. */
export function createFrameParser(): FrameParser {
  let rest: Uint8Array[] = [];
  let held = 0;
  let wanted: number = LIMIT.HEADER;
  return {
    get pending() {
      return held;
    },
    push(piece) {
      rest.push(piece);
      held += piece.length;
      if (held < wanted) return [];
      const bytes = joined(rest);
      const frames: Frame[] = [];
      let at = 0;
      let next = readFrame(bytes, at);
      while (next.frame !== undefined) {
        frames.push(next.frame);
        at += LIMIT.HEADER + next.frame.payload.length;
        next = readFrame(bytes, at);
      }
      wanted = next.wanted;
      held = bytes.length - at;
      rest = held === 0 ? [] : [bytes.slice(at)];
      return frames;
    },
  };
}

function readFrame(bytes: Uint8Array, at: number): { frame?: Frame; wanted: number } {
  if (bytes.length - at < LIMIT.HEADER) return { wanted: LIMIT.HEADER };
  const header: FrameHeader = decodeHeader(bytes.subarray(at, at + LIMIT.HEADER));
  const wanted = LIMIT.HEADER + header.length;
  if (bytes.length - at < wanted) return { wanted };
  const payload = bytes.subarray(at + LIMIT.HEADER, at + wanted);
  return { frame: { type: header.type, flags: header.flags, stream: header.stream, payload }, wanted };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
