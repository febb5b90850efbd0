// One stream of a session as Node streams. Nothing is buffered beyond the credit window in either direction.
import type { Duplex } from 'node:stream';
import {
  createStreamState,
  encodeOpen,
  encodeReset,
  encodeResize,
  encodeSignal,
  type ExitStatus,
  type Frame,
  type Opened,
  type OpenRequest,
  type StreamEvent,
  type StreamState,
} from '@ignite/api';
import { CHANNEL, ERROR, OPEN_KIND } from '@ignite/protocol';
import { createInput, type InputStream } from './input-stream.ts';
import { createOutput, type OutputStream } from './output-stream.ts';
import type { GuestStream } from './port.ts';
import { refusalError } from './refusals.ts';

export interface OpenedStream {
  readonly stream: GuestStream;
  readonly facts: Opened;
}

/** The session's side of a stream. */
export interface GuestStreamEnd {
  /** Sends OPEN; the answer may come before this returns. */
  start(): void;
  /** Settles with OPENED; rejects with RESET's error or the session's. */
  readonly opened: Promise<OpenedStream>;
  /** @throws IgniteError `guest/protocol` */
  receive(frame: Frame): void;
  fail(error: Error): void;
  /** Gives it up: RESET. */
  reset(error: Error): void;
}

interface Parts {
  readonly state: StreamState;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: InputStream;
  readonly opened: PromiseWithResolvers<OpenedStream>;
  readonly exit: PromiseWithResolvers<ExitStatus>;
}

/** A stream that `start()` opens over `pipe`; `onEnd` is called when no frame of it is expected any more. */
export function createGuestStream(
  pipe: Duplex,
  id: number,
  request: OpenRequest,
  onEnd: () => void,
): GuestStreamEnd {
  const parts = createParts(pipe, id);
  const fail = (error: Error) => {
    parts.state.end();
    parts.opened.reject(error);
    parts.exit.reject(error);
    parts.stdout.readable.destroy(error);
    parts.stderr.readable.destroy(error);
    parts.stdin.writable.destroy(error);
    onEnd();
  };
  const reset = (error: Error) => {
    if (parts.state.ended) return;
    pipe.write(encodeReset(id, { error: ERROR.IO, text: 'Given up by the host' }));
    fail(error);
  };
  const stream = publicStream(pipe, parts, reset);
  return {
    start() {
      for (const frame of encodeOpen(id, request)) pipe.write(frame);
    },
    opened: parts.opened.promise,
    fail,
    reset,
    receive(frame) {
      const event = parts.state.receive(frame);
      if (event === undefined) return;
      if (event.kind === 'reset') fail(refusalError(event.refusal, request.kind === OPEN_KIND.EXEC));
      else takeEvent(parts, event, stream);
      if (event.kind === 'exit') onEnd();
    },
  };
}

function createParts(pipe: Duplex, id: number): Parts {
  const state = createStreamState(id, 'opener');
  const parts: Parts = {
    state,
    stdout: createOutput(pipe, state, CHANNEL.OUT),
    stderr: createOutput(pipe, state, CHANNEL.ERR),
    stdin: createInput(pipe, state),
    opened: Promise.withResolvers<OpenedStream>(),
    exit: Promise.withResolvers<ExitStatus>(),
  };
  parts.opened.promise.catch(() => {});
  parts.exit.promise.catch(() => {}); // a caller that only reads the output must not crash the process
  return parts;
}

function takeEvent(parts: Parts, event: StreamEvent, stream: GuestStream): void {
  switch (event.kind) {
    case 'opened':
      parts.opened.resolve({ stream, facts: event.opened });
      return;
    case 'data':
      outputOf(parts, event.channel).push(event.bytes);
      return;
    case 'eof':
      outputOf(parts, event.channel).end();
      return;
    case 'credit':
      parts.stdin.resume();
      return;
    case 'exit':
      finish(parts, event.status);
      return;
    default: // signal and resize go the other way: harmless
  }
}

function finish(parts: Parts, status: ExitStatus): void {
  parts.stdout.end();
  parts.stderr.end();
  parts.stdin.resume(); // a write that waits for credit is over: nobody will read it
  parts.stdin.writable.destroy();
  parts.exit.resolve(status);
}

function outputOf(parts: Parts, channel: number): OutputStream {
  return channel === CHANNEL.OUT ? parts.stdout : parts.stderr;
}

function publicStream(pipe: Duplex, parts: Parts, reset: (error: Error) => void): GuestStream {
  const { id } = parts.state;
  const send = (bytes: Uint8Array) => {
    if (!parts.state.ended) pipe.write(bytes);
  };
  return {
    stdin: parts.stdin.writable,
    stdout: parts.stdout.readable,
    stderr: parts.stderr.readable,
    signal: (number) => send(encodeSignal(id, number)),
    resize: (rows, columns) => send(encodeResize(id, rows, columns)),
    exit: parts.exit.promise,
    reset: () => reset(refusalError({ error: ERROR.IO, text: 'the stream was given up' })),
  };
}
