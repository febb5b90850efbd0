// Frames between the daemon and its runner, as native/spawn/runner_frames.h has them. Both ends are on one machine, and
// every machine that we run on is little-endian.
import { VERSION } from '@ignite/protocol';

/** What the runner of this version says in READY. */
export const RUNNER_VERSION = VERSION.RUNNER;
const HEADER = 12;
const MAX_PAYLOAD = 65_536;
const MAX_ARGS = 512;
const MAX_ENV = 64;

const type = { input: 1, run: 2, kill: 3, peer: 4 } as const;

/** What the runner says. */
export const told = { ready: 0x80, stdout: 0x81, stderr: 0x82, end: 0x83, peer: 0x84 } as const;
/** First byte of `told.end`. */
export const how = { exited: 0, signalled: 1, notStarted: 2 } as const;

export interface Frame {
  readonly id: number;
  readonly type: number;
  readonly payload: Buffer;
}

/** What is to be run. */
export interface RunnerRequest {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** Absent: the runner's own, which is the daemon's. */
  readonly cwd?: string | undefined;
  /** Path of the network namespace that it runs in; where there is none it ends as with nsenter(1). */
  readonly netns?: string | undefined;
  readonly input?: string | Uint8Array | undefined;
}

function frame(id: number, of: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(payload.length, 0);
  header.writeUInt32LE(id, 4);
  header[8] = of;
  return Buffer.concat([header, payload]);
}

/** The bytes that ask for a program; undefined: it is more than a frame may hold. */
export function encodeRun(id: number, request: RunnerRequest): Buffer | undefined {
  const { argv, env, cwd = '', netns = '', input } = request;
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = [...argv, ...variables, cwd, netns];
  if (argv.length > MAX_ARGS || variables.length > MAX_ENV) return undefined;
  if (argv[0] === '' || words.some((word) => word.includes('\0'))) return undefined;
  const counts = Buffer.alloc(4);
  counts.writeUInt16LE(argv.length, 0);
  counts.writeUInt16LE(variables.length, 2);
  const payload = Buffer.concat([counts, Buffer.from(`${words.join('\0')}\0`)]);
  if (payload.length > MAX_PAYLOAD) return undefined;
  return Buffer.concat([...inputFrames(id, input), frame(id, type.run, payload)]);
}

function inputFrames(id: number, input: RunnerRequest['input']): readonly Buffer[] {
  if (input === undefined || input.length === 0) return [];
  const bytes = Buffer.from(input);
  const pieces = Math.ceil(bytes.length / MAX_PAYLOAD);
  return Array.from({ length: pieces }, (_, index) =>
    frame(id, type.input, bytes.subarray(index * MAX_PAYLOAD, (index + 1) * MAX_PAYLOAD)),
  );
}

/** Asks to signal a program; one that has ended is not signalled. */
export function encodeKill(id: number, signal: number): Buffer {
  return frame(id, type.kill, Buffer.of(signal));
}

/** Asks who is at the other end of a socket. @param descriptor its number in this process */
export function encodePeer(id: number, descriptor: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32LE(descriptor);
  return frame(id, type.peer, payload);
}

/** Cuts what arrives into frames. @throws Error where it is none */
export function frameReader(take: (frame: Frame) => void): (piece: Buffer) => void {
  let left: Buffer = Buffer.alloc(0);
  return (piece) => {
    left = left.length === 0 ? piece : Buffer.concat([left, piece]);
    while (left.length >= HEADER) {
      const length = left.readUInt32LE(0);
      if (length > MAX_PAYLOAD) throw new Error('The runner sent more than a frame may hold');
      if (left.length < HEADER + length) return;
      take({
        id: left.readUInt32LE(4),
        type: left.readUInt8(8),
        payload: left.subarray(HEADER, HEADER + length),
      });
      left = left.subarray(HEADER + length);
    }
  };
}
