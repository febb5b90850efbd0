// One frame: 12 bytes of header (length u32, type u8, flags u8, zero u16, stream u32, little endian) and payload.
import { LIMIT } from '@ignite/protocol';
import { violation } from './violation.ts';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0 is the session itself. */
  readonly stream: number;
  readonly payload: Uint8Array;
}

export interface FrameHeader {
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
}

/**
 * The bytes of one frame. `parts` are joined to its payload.
 * @throws IgniteError `guest/protocol` when the payload is over LIMIT.PAYLOAD
 */
export function encodeFrame(type: number, stream: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return encodeFlagged(type, 0, stream, parts);
}

/** As encodeFrame, with the header's flags byte. */
export function encodeFlagged(
  type: number,
  flags: number,
  stream: number,
  parts: readonly Uint8Array[],
): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > LIMIT.PAYLOAD) throw violation(`A frame of ${length} bytes is over the limit`);
  const bytes = new Uint8Array(LIMIT.HEADER + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint8(4, type);
  view.setUint8(5, flags);
  view.setUint32(8, stream, true);
  let at: number = LIMIT.HEADER;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Reads a header from the first 12 bytes.
 * @throws IgniteError `guest/protocol` on a length over the limit or a non-zero reserved field
 */
export function decodeHeader(bytes: Uint8Array): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, LIMIT.HEADER);
  const length = view.getUint32(0, true);
  if (length > LIMIT.PAYLOAD) throw violation(`A frame announces ${length} bytes, over the limit`);
  if (view.getUint16(6, true) !== 0) throw violation('A frame header has a reserved field that is not zero');
  return { length, type: view.getUint8(4), flags: view.getUint8(5), stream: view.getUint32(8, true) };
}
