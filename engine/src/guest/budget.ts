// What an agent may send that nobody asked for: a hostile one could keep this process busy for ever with frames that
// cost it no credit.
import { type Frame, violation } from '@ignite/api';
import { FRAME, LIMIT } from '@ignite/protocol';

/** OPENED, EOFs and EXIT of a stream, and data that was on its way when the stream was given up. */
const PER_STREAM_BYTES = 4 * LIMIT.WINDOW;

export interface Budget {
  /** Counts a frame. @throws IgniteError `guest/protocol` when it is one too many */
  spend(frame: Frame): void;
}

/** @param streams how many streams the session has opened so far */
export function createBudget(streams: () => number): Budget {
  let spent = 0;
  return {
    spend(frame) {
      spent += LIMIT.HEADER + frame.payload.length;
      if (spent > (streams() + 1) * PER_STREAM_BYTES)
        throw violation('The agent sends what nobody asked for');
    },
  };
}

/** Whether a frame of a live stream pays for itself: data within its credit, credit for what was sent. */
export function paysForItself({ type, payload }: Frame): boolean {
  if (type === FRAME.DATA) return payload.length > 1;
  return type === FRAME.CREDIT && payload.subarray(1).some((byte) => byte !== 0);
}
