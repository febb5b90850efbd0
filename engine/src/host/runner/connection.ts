// One runner as the daemon sees it: a socket over which programs are asked for, several at once. A request is sent once;
// where its answer cannot come any more, its end is `lost`.
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Peer } from '../peer.ts';
import { type End, keepFirst, type Kept, type Program } from '../program.ts';
import {
  encodeKill,
  encodePeer,
  encodeRun,
  type Frame,
  frameReader,
  how,
  RUNNER_VERSION,
  type RunnerRequest,
  told,
} from './frames.ts';

/** The runner has room for 64 (RUNNER_TASKS_MAX); it is given no more than these. */
const MOST_AT_ONCE = 48;
const LARGEST_INPUT = 1 << 20;
/** How long after SIGKILL an end is waited for. */
const SILENCE_MS = 5_000;

export interface Connection {
  /** It has reported that it serves; it may have ended since. */
  hasServed(): boolean;
  /** It will take requests no more. */
  isOver(): boolean;
  /** Undefined: nothing was sent; it has no room, or the request is too large. */
  start(request: RunnerRequest, maxOutputBytes: number): Program | undefined;
  /** The peer of one of this process's sockets, by its descriptor; an errno's name where the kernel refuses. */
  peer(descriptor: number): Promise<Peer | string>;
  close(): void;
}

interface Waiting {
  readonly stdout: Kept;
  readonly stderr: Kept;
  /** The last frame of the request; undefined: none will come. */
  readonly end: (frame: Frame | undefined, why: string) => void;
}

/** Talks over `socket`, which keeps the process alive only while something runs. */
export function connectRunner(socket: Socket): Connection {
  const waiting = new Map<number, Waiting>();
  let state: 'new' | 'ready' | 'retired' | 'closed' = 'new';
  let hasServed = false;
  let lastId = 0;
  const idle = () => {
    if (waiting.size > 0) return;
    socket.unref();
    if (state === 'retired') close('it was retired');
  };
  const finish = (id: number, frame: Frame | undefined, why: string) => {
    const request = waiting.get(id);
    waiting.delete(id);
    request?.end(frame, why);
    idle();
  };
  const close = (why: string) => {
    state = 'closed';
    for (const id of [...waiting.keys()]) finish(id, undefined, why);
    socket.destroy();
  };
  const take = (frame: Frame) => {
    const { id, type, payload } = frame;
    if (type === told.stdout) waiting.get(id)?.stdout.add(payload);
    else if (type === told.stderr) waiting.get(id)?.stderr.add(payload);
    else if (type !== told.ready) finish(id, frame, '');
    else if (state === 'new' && payload.readUInt32LE() === RUNNER_VERSION) {
      state = 'ready';
      hasServed = true;
    } else throw new Error('The runner is of another version');
  };
  const read = frameReader(take);
  socket.on('data', (piece: Buffer) => {
    try {
      read(piece);
    } catch (error) {
      close(String(error));
    }
  });
  socket.on('error', () => {}); // closing follows
  socket.once('close', () => close('the runner has ended'));
  const send = (id: number, bytes: Buffer, request: Waiting) => {
    waiting.set(id, request);
    socket.ref();
    socket.write(bytes);
  };
  const serves = () => state === 'ready';
  const retire = () => {
    if (state === 'ready') state = 'retired';
    idle();
  };
  const nextId = () => {
    do lastId = (lastId + 1) >>> 0;
    while (waiting.has(lastId));
    return lastId;
  };

  return {
    hasServed: () => hasServed,
    isOver: () => state === 'retired' || state === 'closed',
    close: () => close('the engine was closed'),
    start: (request, maxOutputBytes) => {
      if (!serves() || waiting.size >= MOST_AT_ONCE || (request.input?.length ?? 0) > LARGEST_INPUT)
        return undefined;
      const id = nextId();
      const bytes = encodeRun(id, request);
      if (bytes === undefined) return undefined;
      const { promise, resolve } = Promise.withResolvers<End>();
      const [stdout, stderr] = [keepFirst(maxOutputBytes), keepFirst(maxOutputBytes)];
      send(id, bytes, {
        stdout,
        stderr,
        end: (frame, why) => resolve(endOf(request.argv[0], frame, why, { stdout, stderr })),
      });
      return { end: promise, kill: (signal) => kill(id, signal) };
    },
    peer: (descriptor) => {
      if (!serves() || waiting.size >= MOST_AT_ONCE) return Promise.resolve('EAGAIN');
      const id = nextId();
      const { promise, resolve } = Promise.withResolvers<Peer | string>();
      const none = keepFirst(0);
      send(id, encodePeer(id, descriptor), {
        stdout: none,
        stderr: none,
        end: (frame) => resolve(peerIn(frame)),
      });
      return promise;
    },
  };

  function kill(id: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (!waiting.has(id)) return;
    socket.write(encodeKill(id, constants.signals[signal]));
    if (signal !== 'SIGKILL') return;
    // Either the program cannot be ended or the runner hangs: other callers must not wait for it.
    setTimeout(() => {
      if (!waiting.has(id)) return;
      finish(id, undefined, 'it did not end when it was killed');
      retire();
    }, SILENCE_MS).unref();
  }
}

function endOf(
  program: string,
  frame: Frame | undefined,
  why: string,
  { stdout, stderr }: Pick<Waiting, 'stdout' | 'stderr'>,
): End {
  if (frame === undefined || frame.type !== told.end || frame.payload.length !== 5)
    return { kind: 'lost', why: why || 'the runner gave another answer' };
  const [kind, value] = [frame.payload.readUInt8(0), frame.payload.readUInt32LE(1)];
  if (kind === how.notStarted) {
    const code = errnoName(value);
    const cause = Object.assign(new Error(`spawn ${program} ${code}`), { code, path: program });
    return { kind: 'not-started', cause };
  }
  const exited = kind === how.exited;
  return {
    kind: 'ended',
    code: exited ? value : null,
    signal: exited ? null : signalName(value),
    stdout: stdout.bytes(),
    stderr: stderr.bytes(),
  };
}

function peerIn(frame: Frame | undefined): Peer | string {
  if (frame?.type === told.peer && frame.payload.length === 12)
    return {
      pid: frame.payload.readUInt32LE(0),
      uid: frame.payload.readUInt32LE(4),
      gid: frame.payload.readUInt32LE(8),
    };
  return frame?.type === told.end && frame.payload.length === 5
    ? errnoName(frame.payload.readUInt32LE(1))
    : 'EPIPE';
}

function errnoName(number: number): string {
  return number === 0 ? 'EPROTO' : getSystemErrorName(-number);
}

function signalName(number: number): NodeJS.Signals | null {
  const names: readonly [string, number][] = Object.entries(constants.signals);
  const found = names.find(([, value]) => value === number)?.[0];
  return isSignal(found) ? found : null;
}

function isSignal(name: string | undefined): name is NodeJS.Signals {
  return name !== undefined && name in constants.signals;
}
