// The daemon's end of one upgraded stream, for tests: credit is kept, a guest is a function.
import type { Socket } from 'node:net';
import {
  type ChannelId,
  createFrameParser,
  createStreamState,
  decodeOpen,
  encodeExit,
  encodeOpened,
  encodeReset,
  type ExitStatus,
  type Opened,
  type OpenRequest,
  type StreamEvent,
} from '@ignite/api/frames';
import type { VmDocument } from '@ignite/client';
import { CHANNEL, FRAME, OPEN_KIND } from '@ignite/protocol';

/** What a guest's function has. */
export interface GuestSide {
  readonly vm: VmDocument;
  readonly open: OpenRequest;
  /** Settles when the bytes have left within the client's credit. */
  write(channel: 'stdout' | 'stderr', bytes: string | Uint8Array): Promise<void>;
  /** All of stdin, once it has ended. */
  readonly stdin: Promise<Buffer>;
  /** Signals and sizes as they come. */
  readonly seen: { readonly signals: number[]; readonly sizes: { rows: number; columns: number }[] };
  onSignal(handler: (signal: number) => void): void;
  exit(status: ExitStatus): void;
  reset(error: string, text: string): void;
}

/** What stat says of a file in the guest. */
export type FileFacts = NonNullable<Opened['file']>;

/** Answers the upgrade at once, reads OPEN, sends OPENED and hands the stream to `guest`. */
export async function serveStream(
  socket: Socket,
  head: Uint8Array,
  vm: VmDocument,
  guest: (side: GuestSide) => void | Promise<void>,
  facts: (open: OpenRequest) => FileFacts | undefined,
): Promise<void> {
  const state = createStreamState(1, 'acceptor');
  const parser = createFrameParser();
  const open: Uint8Array[] = [];
  const stdin: Uint8Array[] = [];
  const stdinEnd = Promise.withResolvers<Buffer>();
  let waiting: (() => void) | undefined;
  let signalled: ((signal: number) => void) | undefined;
  const seen = { signals: [] as number[], sizes: [] as { rows: number; columns: number }[] };
  const send = (frame: Uint8Array | undefined) => {
    if (frame !== undefined && !socket.destroyed) socket.write(frame);
  };

  const take = (event: StreamEvent) => {
    if (event.kind === 'data') {
      stdin.push(Buffer.from(event.bytes));
      send(state.consume(CHANNEL.IN, event.bytes.length));
    } else if (event.kind === 'eof') stdinEnd.resolve(Buffer.concat(stdin));
    else if (event.kind === 'credit') waiting?.();
    else if (event.kind === 'signal') {
      seen.signals.push(event.signal);
      signalled?.(event.signal);
    } else if (event.kind === 'resize') seen.sizes.push({ rows: event.rows, columns: event.columns });
  };
  const begin = (request: OpenRequest) => {
    const write = async (channel: 'stdout' | 'stderr', data: string | Uint8Array) => {
      const id: ChannelId = channel === 'stdout' ? CHANNEL.OUT : CHANNEL.ERR;
      let rest: Uint8Array = Buffer.from(data);
      while (rest.length > 0 && !socket.destroyed) {
        const { frames, taken } = state.send(id, rest);
        for (const frame of frames) send(frame);
        rest = rest.subarray(taken);
        if (rest.length > 0)
          await new Promise<void>((resolve) => {
            waiting = resolve;
          });
      }
    };
    const side: GuestSide = {
      vm,
      open: request,
      write,
      stdin: stdinEnd.promise,
      seen,
      onSignal: (handler) => {
        signalled = handler;
      },
      exit(status) {
        send(state.sendEof(CHANNEL.OUT));
        send(state.sendEof(CHANNEL.ERR));
        send(encodeExit(1, status));
        state.end();
      },
      reset(error, text) {
        send(encodeReset(1, { error, text }));
        state.end();
      },
    };
    const file = facts(request);
    if (request.kind === OPEN_KIND.STAT && file === undefined)
      return side.reset('not-found', `${request.path}: not there`);
    send(encodeOpened(1, { pid: 42, ...(file === undefined ? {} : { file }) }));
    void Promise.resolve(guest(side));
  };
  const receive = (bytes: Uint8Array) => {
    for (const frame of parser.push(bytes)) {
      if (frame.type === FRAME.OPEN) {
        open.push(Buffer.from(frame.payload));
        if (frame.flags === 0) begin(decodeOpen(Buffer.concat(open)));
      } else {
        const event = state.receive(frame);
        if (event !== undefined) take(event);
      }
    }
  };
  socket.on('error', () => {});
  socket.on('close', () => waiting?.());
  socket.on('data', receive);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ignite-stream\r\n\r\n');
  receive(head);
}
