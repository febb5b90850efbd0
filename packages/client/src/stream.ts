// A stream of the guest link over an upgraded connection: exec, copy, attach, console. Nothing is buffered beyond the
// credit window: what the caller does not read is not asked for.
import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { IgniteError, isErrorCode } from '@ignite/api/errors';
import {
  createFrameParser,
  createStreamState,
  encodeOpen,
  encodeReset,
  encodeResize,
  encodeSignal,
  type ChannelId,
  type ExitStatus,
  type Opened,
  type OpenRequest,
  type Refusal,
  type StreamEvent,
  type StreamState,
} from '@ignite/api/frames';
import { CHANNEL, ERROR, OPEN_KIND } from '@ignite/protocol';
import { abortError, deadline, noAnswer, type Transport } from './transport.ts';
import { upgrade } from './upgrade.ts';

const STREAM = 1;

/** One open stream. Read stdout and stderr to their ends, then `exit` has settled. */
export interface IgniteStream {
  /** The process, or the facts of the file. */
  readonly opened: Opened;
  /** `end()` is the end of the guest's stdin. What is written after the guest's end is dropped. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Sends a signal by its number; `group`: to the whole process group. */
  signal(number: number, group?: boolean): void;
  resize(rows: number, columns: number): void;
  /** How it ended. Rejects where the stream was reset or the connection lost. */
  readonly exit: Promise<ExitStatus>;
  /** Gives the stream up: the guest's process gets a hang-up. Harmless after its end. */
  close(): void;
  /** Only leaves: what was started detached, or the VM's own command, goes on. */
  leave(): void;
}

export interface OpenOptions {
  /** Path with query. */
  readonly path: string;
  readonly open: OpenRequest;
  /** Milliseconds until OPENED; 0 waits for ever. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a stream.
 * @throws IgniteError the daemon's error before OPENED, or the guest's refusal
 */
export async function openStream(transport: Transport, options: OpenOptions): Promise<IgniteStream> {
  const { socket, head } = await upgrade(transport, options, encodeOpen(STREAM, options.open));
  const link = startLink(socket, options);
  const abort = () => link.fail(abortError(options.signal ?? AbortSignal.abort()));
  const timer = deadline(options.timeoutMs, () => link.fail(noAnswer(options.path)));
  options.signal?.addEventListener('abort', abort, { once: true });
  link.exit.then(
    () => options.signal?.removeEventListener('abort', abort),
    () => options.signal?.removeEventListener('abort', abort),
  );
  link.receive(head);
  socket.resume();
  try {
    return link.stream(await link.opened);
  } finally {
    clearTimeout(timer);
  }
}

interface Link {
  readonly opened: Promise<Opened>;
  readonly exit: Promise<ExitStatus>;
  receive(bytes: Uint8Array): void;
  fail(error: Error): void;
  stream(opened: Opened): IgniteStream;
}

/** The two ends of one connection: frames to events, streams to frames. */
function startLink(socket: Socket, options: OpenOptions): Link {
  const state = createStreamState(STREAM, 'opener');
  const parser = createFrameParser();
  const opened = Promise.withResolvers<Opened>();
  const exit = Promise.withResolvers<ExitStatus>();
  opened.promise.catch(() => {}); // a caller that waits gets the error; it need not wait
  exit.promise.catch(() => {});
  const send = (frame: Uint8Array | undefined) => {
    if (frame !== undefined && socket.writable) socket.write(frame);
  };
  const stdout = receiver(state, CHANNEL.OUT, send);
  const stderr = receiver(state, CHANNEL.ERR, send);
  const stdin = sender(state, socket);
  let settled = false;

  const end = (settle: () => void, error?: Error) => {
    if (settled) return;
    settled = true;
    state.end();
    settle();
    stdin.stop();
    if (error === undefined) socket.end();
    else socket.destroy();
    stdout.end(error);
    stderr.end(error);
  };
  const fail = (error: Error) =>
    end(() => {
      opened.reject(error);
      exit.reject(error);
    }, error);

  const take = (event: StreamEvent) => {
    if (event.kind === 'opened') opened.resolve(event.opened);
    else if (event.kind === 'data') (event.channel === CHANNEL.ERR ? stderr : stdout).push(event.bytes);
    else if (event.kind === 'eof') (event.channel === CHANNEL.ERR ? stderr : stdout).end();
    else if (event.kind === 'credit') stdin.more();
    else if (event.kind === 'exit') end(() => exit.resolve(event.status));
    else if (event.kind === 'reset') fail(refusalError(options.open, event.refusal));
  };
  const receive = (bytes: Uint8Array) => {
    try {
      for (const frame of parser.push(bytes)) {
        const event = frame.stream === STREAM ? state.receive(frame) : undefined;
        if (event !== undefined) take(event);
      }
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  };

  const lost = (cause?: Error) =>
    fail(new IgniteError('cli/connection-lost', 'The connection to the VM ended early', { cause }));
  socket.on('data', receive);
  socket.on('error', lost);
  socket.on('close', () => lost());
  socket.on('drain', stdin.more);
  return {
    opened: opened.promise,
    exit: exit.promise,
    receive,
    fail,
    stream: (facts) => ({
      opened: facts,
      stdin: stdin.writable,
      stdout: stdout.readable,
      stderr: stderr.readable,
      signal: (number, group) => send(state.ended ? undefined : encodeSignal(STREAM, number, group)),
      resize: (rows, columns) => send(state.ended ? undefined : encodeResize(STREAM, rows, columns)),
      exit: exit.promise,
      leave: () => fail(new IgniteError('cli/interrupted', 'The stream was left')),
      close() {
        send(
          state.ended ? undefined : encodeReset(STREAM, { error: ERROR.IO, text: 'given up by the client' }),
        );
        fail(new IgniteError('cli/interrupted', 'The stream was closed'));
      },
    }),
  };
}

interface Receiver {
  readonly readable: Readable;
  push(bytes: Uint8Array): void;
  end(error?: Error): void;
}

/** A channel from the guest: credit goes back only for what the reader took. */
function receiver(
  state: StreamState,
  channel: ChannelId,
  send: (frame: Uint8Array | undefined) => void,
): Receiver {
  const waiting: Uint8Array[] = [];
  let ended = false;
  let wanted = false;
  const flow = () => {
    while (wanted) {
      const piece = waiting.shift();
      if (piece === undefined) {
        if (ended) readable.push(null);
        return;
      }
      wanted = readable.push(piece);
      send(state.consume(channel, piece.length));
    }
  };
  const readable = new Readable({
    highWaterMark: 128 << 10,
    read() {
      wanted = true;
      flow();
    },
  });
  readable.on('error', () => {}); // `exit` rejects with it; a reader of the stream sees it as well
  return {
    readable,
    push(bytes) {
      waiting.push(Buffer.from(bytes)); // the parser may use its memory again
      flow();
    },
    end(error) {
      if (error !== undefined) readable.destroy(error);
      ended = true;
      flow();
    },
  };
}

interface Sender {
  readonly writable: Writable;
  /** More may be sent: credit or room in the socket. */
  more(): void;
  /** The guest takes no more. */
  stop(): void;
}

/** The channel to the guest: waits for credit, and for the socket. */
function sender(state: StreamState, socket: Socket): Sender {
  let rest: Uint8Array | undefined;
  let done: (() => void) | undefined;
  const finish = () => {
    const call = done;
    rest = undefined;
    done = undefined;
    call?.();
  };
  const more = () => {
    if (rest === undefined) return;
    if (state.ended) return finish();
    if (socket.writableNeedDrain) return;
    const { frames, taken } = state.send(CHANNEL.IN, rest);
    writeAll(socket, frames);
    rest = rest.subarray(taken);
    if (rest.length === 0) finish();
  };
  const writable = new Writable({
    highWaterMark: 64 << 10,
    write(piece: Uint8Array, _encoding, callback) {
      rest = piece;
      done = () => callback();
      more();
    },
    final(callback) {
      const frame = state.sendEof(CHANNEL.IN);
      if (frame !== undefined && socket.writable) socket.write(frame);
      callback();
    },
  });
  return { writable, more, stop: finish };
}

function writeAll(socket: Socket, frames: readonly Uint8Array[]): void {
  if (!socket.writable) return;
  socket.cork();
  for (const frame of frames) socket.write(frame);
  socket.uncork();
}

/** RESET in our words: its error is a code of the catalogue, or a word of the link. */
function refusalError(open: OpenRequest, refusal: Refusal): IgniteError {
  const { error, text } = refusal;
  if (isErrorCode(error)) return new IgniteError(error, text);
  const subject = open.kind === OPEN_KIND.EXEC ? (open.argv?.[0] ?? '') : (open.path ?? '');
  const said = text === '' ? error : text;
  if (error === ERROR.NOT_FOUND && open.kind === OPEN_KIND.EXEC)
    return new IgniteError('guest/command-not-found', `The guest has no command ${subject}`, {
      details: { said },
    });
  if (error === ERROR.NOT_FOUND) return new IgniteError('guest/not-found', `The guest has no ${subject}`);
  if (error === ERROR.NOT_EXECUTABLE)
    return new IgniteError('guest/command-not-executable', `The guest cannot execute ${subject}`, {
      cause: new Error(said),
    });
  if (error === ERROR.NO_USER)
    return new IgniteError('guest/no-user', `The guest has no user ${open.user ?? ''}`);
  if (error === ERROR.NO_DIRECTORY)
    return new IgniteError('guest/no-directory', `The guest has no directory ${open.cwd ?? subject}`);
  if (error === ERROR.BAD_ARCHIVE)
    return new IgniteError('guest/bad-archive', 'The guest refused the archive', { cause: new Error(said) });
  return new IgniteError('guest/failed', `The guest refused: ${said}`);
}
