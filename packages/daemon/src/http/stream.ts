// The upgraded connection of `stream`: one stream of the guest link's frames between a client and a GuestStream,
// with credit in both directions, so that nothing is buffered beyond a window.
import type { Duplex, Readable } from 'node:stream';
import { IgniteError } from '@ignite/api';
import {
  type ChannelId,
  createFrameParser,
  createStreamState,
  decodeOpen,
  drained,
  encodeExit,
  encodeOpened,
  encodeReset,
  type Frame,
  type OpenRequest,
  type StreamEvent,
  type StreamState,
} from '@ignite/api/frames';
import type { GuestStream, OpenedStream } from '@ignite/engine';
import { CHANNEL, FILE_KIND, FLAG, FRAME, LIMIT } from '@ignite/protocol';
import { endConnection } from './end-connection.ts';
import { asIgniteError } from './errors.ts';

const STREAM_ID = 1;
/** Ours sends its OPEN right behind the request. */
const OPEN_WITHIN_MS = 30_000;

const FILE_KINDS = {
  file: FILE_KIND.FILE,
  directory: FILE_KIND.DIRECTORY,
  symlink: FILE_KIND.SYMLINK,
  other: FILE_KIND.OTHER,
} as const;

/** Opens what the client's OPEN asks for. */
export type OpenStream = (request: OpenRequest) => Promise<OpenedStream>;

/** Told of failures that are bugs of ours. */
export type Complain = (text: string, error: unknown) => void;

/** For a client that asks for nothing, and then does not go. */
interface Patience {
  readonly openWithinMs?: number;
  readonly closeWithinMs?: number;
}

/**
 * Serves one upgraded connection to its end. Never throws: a failure is sent as RESET.
 * @param signal aborted when the daemon ends: a stream that nobody else would end, as its VM runs on, ends with it
 */
export async function serveStream(
  socket: Duplex,
  open: OpenStream,
  complain: Complain,
  signal: AbortSignal,
  { openWithinMs = OPEN_WITHIN_MS, closeWithinMs }: Patience = {},
): Promise<void> {
  const frames = readFrames(socket);
  const stopping = refusalAt(signal);
  const request = await inTime([readOpen(frames), stopping.refused], openWithinMs).catch(asIgniteError);
  try {
    if (request instanceof IgniteError) throw request;
    const opened = await Promise.race([open(request), stopping.refused]);
    if (opened.kind === 'file') await answerFacts(socket, opened.facts);
    else await relay(socket, frames, opened.stream, stopping.refused);
  } catch (thrown) {
    const error = asIgniteError(thrown);
    if (socket.destroyed) return; // its client went away: what the connection says of it is no failure of ours
    if (error.entry.blame === 'bug') complain('A stream failed', thrown);
    socket.write(encodeReset(STREAM_ID, { error: error.code, text: fullText(error) }));
  } finally {
    stopping.forget();
    // Whoever got a stream may take its time with what it has not read yet, and must be able to give credit for it.
    if (request instanceof IgniteError) endConnection(socket, closeWithinMs);
    else socket.end();
  }
}

/** The first of several. @throws IgniteError `daemon/bad-request` where none comes in time */
async function inTime<T>(several: readonly Promise<T>[], openWithinMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const text = `The OPEN of the stream did not come within ${openWithinMs / 1000} seconds`;
  const over = setTimeout(() => late.reject(new IgniteError('daemon/bad-request', text)), openWithinMs);
  try {
    return await Promise.race([...several, late.promise]);
  } finally {
    clearTimeout(over);
  }
}

/** A promise that is rejected when the daemon ends. @returns also how to listen no longer */
function refusalAt(signal: AbortSignal): { readonly refused: Promise<never>; readonly forget: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {}); // it may come when nobody waits for it any more
  const refuse = () => reject(new IgniteError('daemon/stopping', 'The daemon is ending; its VMs run on'));
  signal.addEventListener('abort', refuse, { once: true });
  if (signal.aborted) refuse();
  return { refused: promise, forget: () => signal.removeEventListener('abort', refuse) };
}

/** RESET carries one text: the message with its causes. */
function fullText(error: IgniteError): string {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) causes.push(cause.message);
  return [error.message, ...causes].join(': ');
}

async function* readFrames(socket: Duplex): AsyncGenerator<Frame, undefined> {
  const parser = createFrameParser();
  for await (const piece of socket as AsyncIterable<Uint8Array>) yield* parser.push(piece);
  return undefined;
}

async function readOpen(frames: AsyncGenerator<Frame, undefined>): Promise<OpenRequest> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { value: frame } = await frames.next();
    if (frame === undefined) throw new IgniteError('daemon/bad-request', 'The stream ended before its OPEN');
    if (frame.type !== FRAME.OPEN || frame.stream !== STREAM_ID)
      throw new IgniteError('daemon/bad-request', 'The first frame of a stream must be its OPEN');
    parts.push(Buffer.from(frame.payload));
    bytes += frame.payload.length;
    if (bytes > LIMIT.OPEN) throw new IgniteError('daemon/too-large', 'The OPEN of a stream is over 1 MiB');
    if ((frame.flags & FLAG.MORE) === 0) return decodeOpen(Buffer.concat(parts));
  }
}

async function answerFacts(
  socket: Duplex,
  facts: Extract<OpenedStream, { kind: 'file' }>['facts'],
): Promise<void> {
  if (facts === undefined) {
    await send(
      socket,
      encodeReset(STREAM_ID, { error: 'guest/not-found', text: 'The guest has no such file' }),
    );
    return;
  }
  await send(
    socket,
    encodeOpened(STREAM_ID, { file: { kind: FILE_KINDS[facts.kind], mode: facts.mode, size: facts.size } }),
  );
  await send(socket, encodeExit(STREAM_ID, { code: 0, oom: false }));
}

async function relay(
  socket: Duplex,
  frames: AsyncGenerator<Frame, undefined>,
  stream: GuestStream,
  refused: Promise<never>,
): Promise<void> {
  const state = createStreamState(STREAM_ID, 'acceptor');
  const credit = createWaker();
  await send(socket, encodeOpened(STREAM_ID, {}));
  void takeInput(socket, frames, stream, state, credit.wake); // ends with the connection
  try {
    await Promise.race([passOn(socket, stream, state, credit.next), refused]);
  } catch (error) {
    if (!state.ended) throw error; // else its client gave it up: that it broke off was asked for
  } finally {
    state.end();
    credit.wake();
    stream.reset();
  }
}

/** Everything that the guest says, up to its exit. */
async function passOn(
  socket: Duplex,
  stream: GuestStream,
  state: StreamState,
  nextCredit: () => Promise<void>,
): Promise<void> {
  await Promise.all([
    pump(socket, stream.stdout, CHANNEL.OUT, state, nextCredit),
    pump(socket, stream.stderr, CHANNEL.ERR, state, nextCredit),
  ]);
  const exit = await stream.exit;
  if (!state.ended) await send(socket, encodeExit(STREAM_ID, exit));
}

/** Frames of the client until it goes away; a client that is gone gives the stream up. */
async function takeInput(
  socket: Duplex,
  frames: AsyncGenerator<Frame, undefined>,
  stream: GuestStream,
  state: StreamState,
  onCredit: () => void,
): Promise<void> {
  stream.stdin.on('error', () => {}); // the process may have closed its input; that is not the client's fault
  try {
    for await (const frame of frames) {
      const event = state.receive(frame);
      if (event?.kind === 'credit') onCredit();
      else if (event !== undefined) applyInput(socket, stream, state, event);
    }
  } catch {
    socket.destroy(); // a violation, or a connection that broke: both end it
  }
  if (!state.ended) stream.reset();
  state.end();
  onCredit();
}

/** Never waits: a process that is not read from would not read either, and the client's credit must get through. */
function applyInput(socket: Duplex, stream: GuestStream, state: StreamState, event: StreamEvent): void {
  switch (event.kind) {
    case 'data': {
      const { channel, bytes } = event;
      stream.stdin.write(Buffer.from(bytes), () => {
        const credit = state.consume(channel, bytes.length);
        if (credit !== undefined && socket.writable) socket.write(credit);
      });
      return;
    }
    case 'eof':
      stream.stdin.end();
      return;
    case 'signal':
      stream.signal(event.signal);
      return;
    case 'resize':
      stream.resize(event.rows, event.columns);
      return;
    case 'reset':
      stream.reset();
      return;
  }
}

/** Sends an output as far as credit allows, then its EOF. */
async function pump(
  socket: Duplex,
  output: NodeJS.ReadableStream,
  channel: ChannelId,
  state: StreamState,
  nextCredit: () => Promise<void>,
): Promise<void> {
  for await (const piece of output as Readable as AsyncIterable<Buffer>) {
    for (let at = 0; at < piece.length; ) {
      if (state.ended || socket.destroyed) return;
      const { frames, taken } = state.send(channel, piece.subarray(at));
      at += taken;
      for (const frame of frames) await send(socket, frame);
      if (taken === 0) await nextCredit();
    }
  }
  await sendIf(socket, state.sendEof(channel));
}

async function sendIf(socket: Duplex, frame: Uint8Array | undefined): Promise<void> {
  if (frame !== undefined) await send(socket, frame);
}

async function send(socket: Duplex, frame: Uint8Array): Promise<void> {
  if (socket.destroyed || socket.write(frame)) return;
  await drained(socket);
}

/** Wakes everyone who waits for the next credit. */
function createWaker(): { readonly next: () => Promise<void>; readonly wake: () => void } {
  let waiting = Promise.withResolvers<void>();
  return {
    next: () => waiting.promise,
    wake: () => {
      waiting.resolve();
      waiting = Promise.withResolvers<void>();
    },
  };
}
