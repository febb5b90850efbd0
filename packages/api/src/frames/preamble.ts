// The preamble of a session: a receiver discards bytes of older sessions until the one with the right id has come.
import { LIMIT, NAME, VERSION } from '@ignite/protocol';
import { crc32c } from '../crc32c.ts';

export interface Preamble {
  /** 16 bytes, chosen by the host, echoed by the guest. */
  readonly session: Uint8Array;
  readonly major: number;
  readonly minor: number;
  readonly flags: number;
}

/** The preamble of the session, and the bytes that came after it. */
export interface PreambleFound {
  readonly preamble: Preamble;
  readonly rest: Uint8Array;
}

export interface PreambleScanner {
  /** Takes the next piece; undefined while no valid preamble of this session has come. Holds at most 31 bytes. */
  push(piece: Uint8Array): PreambleFound | undefined;
}

/** The first 8 bytes of a preamble. */
export const PREAMBLE_MAGIC = Uint8Array.from(Buffer.from(NAME.MAGIC_HEX, 'hex'));
const CHECKED = LIMIT.PREAMBLE - 4;

/** The 32 bytes: magic 8, session id 16, major u8, minor u8, flags u16, CRC32C u32 of all before. */
export function encodePreamble(session: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LIMIT.PREAMBLE);
  bytes.set(PREAMBLE_MAGIC, 0);
  bytes.set(session.subarray(0, LIMIT.SESSION_ID), PREAMBLE_MAGIC.length);
  bytes[24] = VERSION.LINK_MAJOR;
  bytes[25] = VERSION.LINK_MINOR;
  new DataView(bytes.buffer).setUint32(CHECKED, crc32c(bytes.subarray(0, CHECKED)), true);
  return bytes;
}

/** Reads a preamble from the first 32 bytes; undefined where magic or check do not fit. */
function decodePreamble(bytes: Uint8Array): Preamble | undefined {
  if (bytes.length < LIMIT.PREAMBLE || !equal(bytes.subarray(0, PREAMBLE_MAGIC.length), PREAMBLE_MAGIC))
    return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, LIMIT.PREAMBLE);
  if (view.getUint32(CHECKED, true) !== crc32c(bytes.subarray(0, CHECKED))) return undefined;
  return {
    session: bytes.slice(PREAMBLE_MAGIC.length, PREAMBLE_MAGIC.length + LIMIT.SESSION_ID),
    major: view.getUint8(24),
    minor: view.getUint8(25),
    flags: view.getUint16(26, true),
  };
}

/** Looks for the preamble of one session (of any, without `session`) in a stream that may begin with stale bytes. */
export function createPreambleScanner(session?: Uint8Array): PreambleScanner {
  let held: Uint8Array = new Uint8Array(0);
  return {
    push(piece) {
      const bytes = Buffer.concat([held, piece]);
      let at = bytes.indexOf(PREAMBLE_MAGIC);
      while (at !== -1 && bytes.length - at >= LIMIT.PREAMBLE) {
        const preamble = decodePreamble(bytes.subarray(at, at + LIMIT.PREAMBLE));
        if (preamble !== undefined && (session === undefined || equal(preamble.session, session)))
          return { preamble, rest: bytes.subarray(at + LIMIT.PREAMBLE) };
        at = bytes.indexOf(PREAMBLE_MAGIC, at + 1);
      }
      const keepFrom = at === -1 ? Math.max(0, bytes.length - PREAMBLE_MAGIC.length + 1) : at;
      held = bytes.subarray(keepFrom);
      return undefined;
    },
  };
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
