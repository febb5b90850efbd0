// DNS messages over TCP: each after its length in two bytes (RFC 1035, 4.2.2).

/** The message as it goes over a connection. */
export function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

const LONGEST = 0xffff;

/** The messages of a connection, until it ends. Holds one message at most. @throws Error for one of more than `most` bytes */
export async function* readMessages(
  chunks: AsyncIterable<unknown>,
  most: number = LONGEST,
): AsyncGenerator<Buffer, void, undefined> {
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (!Buffer.isBuffer(chunk)) continue;
    held = Buffer.concat([held, chunk]);
    while (held.length >= 2) {
      const length = held.readUInt16BE(0);
      if (length > most) throw new Error(`A message of ${length} bytes`);
      if (held.length < 2 + length) break;
      yield held.subarray(2, 2 + length);
      held = held.subarray(2 + length);
    }
  }
}
