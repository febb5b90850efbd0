// Credit of one channel: how much may be sent, and how much of what came has been consumed.
import { LIMIT } from '@ignite/protocol';
import { violation } from './violation.ts';

export interface SendCredit {
  /** Bytes that may be sent now. */
  readonly available: number;
  /** Counts bytes as sent. */
  spend(count: number): void;
  /** Counts a CREDIT frame. @throws IgniteError `guest/protocol` when the window would grow over its size */
  grant(count: number): void;
}

export interface ReceiveCredit {
  /** Counts bytes that came. @throws IgniteError `guest/protocol` beyond the window */
  receive(count: number): void;
  /**
   * Counts bytes as consumed; returns the credit to send now, or 0 while it is not worth a frame. All held back
   * is returned at once when the sender could otherwise wait.
   */
  consume(count: number): number;
}

/** The sender's side of one channel. */
export function createSendCredit(window: number = LIMIT.WINDOW): SendCredit {
  let available = window;
  return {
    get available() {
      return available;
    },
    spend(count) {
      available -= count;
    },
    grant(count) {
      if (available + count > window) throw violation('A peer gave more credit than it was sent bytes');
      available += count;
    },
  };
}

/** The receiver's side of one channel. Credit goes back in pieces of a quarter of the window. */
export function createReceiveCredit(window: number = LIMIT.WINDOW): ReceiveCredit {
  let open = window;
  let consumed = 0;
  return {
    receive(count) {
      if (count > open) throw violation('A peer sent data beyond its credit');
      open -= count;
    },
    consume(count) {
      consumed += count;
      if (consumed < window / 4) return 0;
      const granted = consumed;
      consumed = 0;
      open += granted;
      return granted;
    },
  };
}
