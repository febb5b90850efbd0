// The inside of a session with an agent: what its parts share, how incoming frames are dispatched, and how it ends.
import type { Duplex } from 'node:stream';
import {
  createFrameParser,
  createPreambleScanner,
  decodeTlv,
  encodeFrame,
  type Frame,
  type FrameParser,
  IgniteError,
  violation,
} from '@ignite/api';
import { FRAME, TAG } from '@ignite/protocol';
import { type Budget, paysForItself } from './budget.ts';
import type { CallTable } from './call-table.ts';
import type { GuestStreamEnd } from './guest-stream.ts';
import type { Patience } from './liveness.ts';

/** What the parts of a session share. */
export interface Connection {
  readonly pipe: Duplex;
  readonly streams: Map<number, GuestStreamEnd>;
  readonly calls: CallTable;
  newest: number;
  error: Error | undefined;
  readonly closed: PromiseWithResolvers<void>;
  readonly patience: Patience;
  readonly budget: Budget;
}

/**
 * A function that takes the bytes of the pipe, in whatever pieces they come.
 * @param hello resolved with the agent's first frame
 * @param fail called with the protocol error in the bytes
 * @param id of the session: what comes before its preamble belongs to an older one
 */
export function createReader(
  connection: Connection,
  hello: PromiseWithResolvers<Frame>,
  fail: (error: Error) => void,
  id: Uint8Array,
): (piece: Buffer) => void {
  const scanner = createPreambleScanner(id);
  const waiting: Uint8Array[] = [];
  let parser: FrameParser | undefined;
  let greeted = false;
  let busy = false;
  const take = (piece: Uint8Array) => {
    let bytes = piece;
    if (parser === undefined) {
      const found = scanner.push(piece);
      if (found === undefined) return;
      parser = createFrameParser();
      bytes = found.rest;
    }
    for (const frame of parser.push(bytes)) {
      if (connection.error !== undefined) return;
      if (!greeted && frame.type !== FRAME.HELLO) throw violation('The agent did not begin with HELLO');
      if (greeted) takeFrame(connection, frame);
      else hello.resolve(frame);
      greeted = true;
    }
  };
  return (piece) => {
    waiting.push(piece);
    // Handling a frame may write, and a pipe may deliver the answer within that write: it waits until the frame is done.
    if (busy) return;
    busy = true;
    try {
      for (
        let next = waiting.shift();
        next !== undefined && connection.error === undefined;
        next = waiting.shift()
      )
        take(next);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    } finally {
      busy = false;
    }
  };
}

function takeFrame(connection: Connection, frame: Frame): void {
  if (frame.stream !== 0) return takeStreamFrame(connection, frame);
  switch (frame.type) {
    case FRAME.PONG:
      if (!connection.calls.pong(frame.payload)) connection.budget.spend(frame);
      return;
    case FRAME.REPLY:
      if (!connection.calls.reply(decodeTlv(frame.payload))) connection.budget.spend(frame);
      return;
    case FRAME.PING:
      connection.budget.spend(frame);
      if (frame.payload.length !== 8) throw violation('A PING has the wrong size');
      connection.pipe.write(encodeFrame(FRAME.PONG, 0, frame.payload));
      return;
    case FRAME.BYE:
      throw violation(
        `The agent ended the session: ${decodeTlv(frame.payload).text(TAG.TEXT) ?? 'no reason'}`,
      );
    default:
      if (frame.type < 0x80) throw violation(`A frame of type ${frame.type} does not belong to a session`);
      connection.budget.spend(frame);
  }
}

function takeStreamFrame(connection: Connection, frame: Frame): void {
  if (frame.stream > connection.newest)
    throw violation('The agent answered on a stream that was never opened');
  const stream = connection.streams.get(frame.stream);
  if (stream === undefined || !paysForItself(frame)) connection.budget.spend(frame);
  if (frame.type >= 0x80) return; // of a newer agent
  stream?.receive(frame); // else it ended here while the frame was on its way
}

/** Ends it for all that wait for something of it. */
export function endConnection(connection: Connection, error: Error): void {
  if (connection.error !== undefined) return;
  connection.error = error;
  for (const stream of [...connection.streams.values()]) stream.fail(error);
  connection.streams.clear();
  connection.calls.fail(error);
  connection.pipe.destroy();
  connection.closed.resolve();
}

/** The error of what the end of the pipe cut off. */
export function linkLost(cause?: unknown): IgniteError {
  return new IgniteError('guest/link-lost', 'The connection to the agent in the guest ended', { cause });
}

/** The error of what was waited for too long. */
export function unreachable(cause: unknown): IgniteError {
  return new IgniteError('guest/unreachable', 'The agent in the guest did not answer in time', { cause });
}
