// HTTP/1.1 answers as the daemon gives them (RFC 9112), read by hand from a socket: Node's own client takes 6 ms of
// processor time to load, more than most commands need for their question.
import type { Socket } from 'node:net';

/** What the head of an answer says of its body. */
export interface AnswerHead {
  readonly status: number;
  /** Bytes of the body; undefined where it is in chunks or ends with the connection. */
  readonly length: number | undefined;
  readonly chunked: boolean;
}

/** An answer whose head has come. Its pieces are read once; a body that is cut short is an error. */
export interface Answer extends AsyncIterable<Uint8Array> {
  readonly status: number;
  /** Ends the connection, read or not. */
  destroy(): void;
}

/** A line of a head or before a chunk that is longer is none of ours. */
const MAX_LINE = 64 << 10;

/** Reads the lines of a head, without the empty one that ends it. Status 0 where it is none. */
export function parseHead(head: string): AnswerHead {
  const length = /^content-length: *(\d+)\r?$/im.exec(head)?.[1];
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    length: length === undefined ? undefined : Number(length),
    chunked: /^transfer-encoding: *chunked\r?$/im.test(head),
  };
}

/** Waits for the head of the answer on a socket. @throws Error the socket's own, or that it was closed */
export async function readAnswer(socket: Socket): Promise<Answer> {
  const source = sourceOf(socket[Symbol.asyncIterator]());
  const lines: string[] = [];
  for (let line = await source.line(); line !== ''; line = await source.line()) lines.push(line);
  const head = parseHead(lines.join('\n'));
  return {
    status: head.status,
    [Symbol.asyncIterator]: () => bodyOf(head, source),
    destroy: () => void socket.destroy(),
  };
}

async function* bodyOf({ length, chunked }: AnswerHead, source: Source): AsyncGenerator<Uint8Array> {
  if (chunked) yield* chunksOf(source);
  else if (length !== undefined) yield* exactly(length, source);
  else yield* source.rest();
}

/** RFC 9112, section 7.1; the daemon sends no trailers and no extensions, which are passed over. */
async function* chunksOf(source: Source): AsyncGenerator<Uint8Array> {
  for (;;) {
    const size = /^([0-9a-f]{1,8})(;|$)/i.exec(await source.line())?.[1];
    if (size === undefined) throw new Error('it sent a chunk without a size');
    const bytes = Number.parseInt(size, 16);
    yield* exactly(bytes, source);
    if (bytes > 0 && (await source.line()) !== '') throw new Error('it sent a chunk without an end');
    if (bytes > 0) continue;
    while ((await source.line()) !== '');
    return;
  }
}

async function* exactly(bytes: number, source: Source): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; ) {
    const piece = await source.take(left);
    left -= piece.length;
    yield piece;
  }
}

/** Bytes as they come, cut as the caller needs them. */
interface Source {
  /** Up to the next line feed, without it and a carriage return before it. */
  line(): Promise<string>;
  /** At least one byte and at most so many. */
  take(most: number): Promise<Uint8Array>;
  /** All that comes until the end. */
  rest(): AsyncGenerator<Uint8Array>;
}

function sourceOf(pieces: AsyncIterator<Buffer>): Source {
  let have: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await pieces.next();
    if (next.done !== true) have = have.length === 0 ? next.value : Buffer.concat([have, next.value]);
    return next.done !== true;
  };
  const cut = (bytes: number): Buffer => {
    const piece = have.subarray(0, bytes);
    have = have.subarray(bytes);
    return piece;
  };
  const closed = () => new Error('it closed the connection');
  return {
    async line() {
      for (;;) {
        const end = have.indexOf(0x0a);
        if (end >= 0)
          return cut(end + 1)
            .toString('latin1')
            .replace(/\r?\n$/, '');
        if (have.length > MAX_LINE) throw new Error('it sent a line without end');
        if (!(await more())) throw closed();
      }
    },
    async take(most) {
      while (have.length === 0) if (!(await more())) throw closed();
      return cut(most);
    },
    async *rest() {
      do if (have.length > 0) yield cut(have.length);
      while (await more());
    },
  };
}
