import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readAnswer } from './answer.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

interface Read {
  readonly status: number;
  readonly text: string;
}

/** What is read of an answer that comes in pieces of so many bytes, after which the server hangs up. */
async function readOf(answer: string, pieceBytes: number): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-answer-'));
  const path = join(folder, 's');
  const bytes = Buffer.from(answer);
  const server = createServer((socket) => {
    socket.on('error', () => {}); // of a client that has seen enough
    for (let at = 0; at < bytes.length; at += pieceBytes) socket.write(bytes.subarray(at, at + pieceBytes));
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = connect(path);
  try {
    const read = await readAnswer(client);
    let text = '';
    for await (const piece of read) text += Buffer.from(piece).toString();
    return { status: read.status, text };
  } finally {
    client.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true });
  }
}

describe('an answer over a socket', () => {
  const bodies = [
    ['with a length', `${OK}Content-Length: 6\r\n\r\nabcdefand more`],
    [
      'in chunks',
      `${OK}Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2;x=y\r\nef\r\n0\r\nTrailer: x\r\n\r\n`,
    ],
    ['until the end', `${OK}\r\nabcdef`],
  ] as const;
  for (const [how, answer] of bodies)
    for (const pieceBytes of [1, 3, 1000])
      test(`${how}, in pieces of ${pieceBytes} bytes`, async () => {
        assert.deepEqual(await readOf(answer, pieceBytes), { status: 200, text: 'abcdef' });
      });

  const broken = [
    ['a head without end', 'HTTP/1.1 200 OK\r\nContent-', /closed the connection/],
    ['fewer bytes than told', `${OK}Content-Length: 7\r\n\r\nabcdef`, /closed the connection/],
    ['a chunk that is cut', `${OK}Transfer-Encoding: chunked\r\n\r\n8\r\nabcdef`, /closed the connection/],
    ['no last chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n`, /closed the connection/],
    ['a chunk without a size', `${OK}Transfer-Encoding: chunked\r\n\r\nsix\r\nabcdef\r\n`, /without a size/],
    [
      'a chunk that is longer than told',
      `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nabcdef\r\n`,
      /without an end/,
    ],
    ['a line that is never ended', `${OK}X: ${'x'.repeat(200_000)}`, /line without end/],
  ] as const;
  for (const [what, answer, message] of broken)
    test(`${what} is an error`, async () => {
      await assert.rejects(readOf(answer, 1000), message);
    });

  test('what is no HTTP has status 0', async () => {
    assert.equal((await readOf('hello\r\n\r\n', 1000)).status, 0);
  });
});
