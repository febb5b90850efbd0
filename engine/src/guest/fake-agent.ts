// An agent for tests: speaks the real codec over an in-process pipe and does what a test tells it.
import { Duplex, duplexPair } from 'node:stream';
import {
  createFrameParser,
  createPreambleScanner,
  createStreamState,
  decodeOpen,
  encodeFrame,
  encodeOpened,
  encodePreamble,
  encodeTlv,
  type Frame,
  type FrameParser,
  type OpenRequest,
  type StreamEvent,
  type StreamState,
  tlv,
} from '@ignite/api';
import { FLAG, FRAME, TAG } from '@ignite/protocol';

/** A stream as the fake agent sees it. */
interface FakeStream {
  readonly state: StreamState;
  readonly request: OpenRequest;
}

interface FakeAgent {
  /** The host's end. */
  readonly pipe: Duplex;
  /** Writes bytes to the host as they are. */
  send(bytes: Uint8Array): void;
  /** Ends the transport. */
  cut(): void;
}

export interface FakeBehaviour {
  /** Bytes before the preamble's echo. */
  readonly stale?: Uint8Array;
  /** Echoes the preamble and says HELLO; default true. */
  readonly answers?: boolean;
  onOpen?(stream: FakeStream, send: (bytes: Uint8Array) => void): void;
  onEvent?(stream: FakeStream, event: StreamEvent, send: (bytes: Uint8Array) => void): void;
  /** Frames of the session itself, HELLO apart. */
  onFrame?(frame: Frame, send: (bytes: Uint8Array) => void): void;
}

/**
 * Starts a fake agent; what it says goes out in pieces of `pieceBytes`: later, as over a socket, or `atOnce`, from
 * within the host's write.
 */
export function createFakeAgent(behaviour: FakeBehaviour, pieceBytes = 65_536, atOnce = false): FakeAgent {
  const own = atOnce ? shortCircuit() : pair();
  const scanner = createPreambleScanner();
  const streams = new Map<number, FakeStream>();
  let parser: FrameParser | undefined;
  let opening: Uint8Array[] = [];
  const say = (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at += pieceBytes) own.write(bytes.slice(at, at + pieceBytes));
  };
  const send = (bytes: Uint8Array) => {
    if (atOnce) say(bytes);
    else setImmediate(() => say(bytes));
  };
  const take = (frame: Frame) => {
    if (frame.type === FRAME.OPEN) {
      opening.push(frame.payload);
      if ((frame.flags & FLAG.MORE) !== 0) return;
      const request = decodeOpen(Buffer.concat(opening));
      opening = [];
      const stream = { state: createStreamState(frame.stream, 'acceptor'), request };
      streams.set(frame.stream, stream);
      if (behaviour.onOpen === undefined) send(encodeOpened(frame.stream, { pid: 1 }));
      else behaviour.onOpen(stream, send);
      return;
    }
    const stream = streams.get(frame.stream);
    const event = stream?.state.receive(frame);
    if (stream === undefined) behaviour.onFrame?.(frame, send);
    else if (event !== undefined) behaviour.onEvent?.(stream, event, send);
  };
  own.onData((piece) => {
    let bytes: Uint8Array = piece;
    if (parser === undefined) {
      const found = scanner.push(piece);
      if (found === undefined) return;
      parser = createFrameParser();
      bytes = found.rest;
      if (behaviour.stale !== undefined) send(behaviour.stale);
      if (behaviour.answers !== false) greet(found.preamble.session, send);
    }
    for (const frame of parser.push(bytes)) take(frame);
  });
  return { pipe: own.pipe, send, cut: () => own.destroy() };
}

function greet(session: Uint8Array, send: (bytes: Uint8Array) => void): void {
  send(encodePreamble(session));
  send(encodeFrame(FRAME.HELLO, 0, encodeTlv([tlv(TAG.AGENT_VERSION, '9.9.9')])));
}

/** The agent's end of a transport. */
interface AgentEnd {
  readonly pipe: Duplex;
  write(bytes: Uint8Array): void;
  onData(take: (piece: Buffer) => void): void;
  destroy(): void;
}

function pair(): AgentEnd {
  const [pipe, own] = duplexPair();
  own.on('error', () => {});
  return {
    pipe,
    write: (bytes) => void own.write(bytes),
    onData: (take) => void own.on('data', take),
    destroy: () => void own.destroy(),
  };
}

/** Each end hears from within the other's write what was written: no socket does that, a Duplex may. */
function shortCircuit(): AgentEnd {
  let take: (piece: Buffer) => void = () => {};
  const pipe = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      done();
      take(chunk);
    },
  });
  return {
    pipe,
    write: (bytes) => void pipe.push(bytes),
    onData: (listener) => {
      take = listener;
    },
    destroy: () => void pipe.push(null),
  };
}
