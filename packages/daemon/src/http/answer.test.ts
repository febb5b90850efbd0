// Long answers leave nothing behind for each piece of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { Report } from '@ignite/api';
import { writeAnswer } from './answer.ts';

test('an answer that waits for its reader again and again keeps no listener for each wait', async () => {
  let most = 0;
  let waits = 0;
  async function* pieces(response: ServerResponse): AsyncGenerator<Uint8Array> {
    response.on('drain', () => {
      waits += 1;
    });
    for (let count = 0; count < 200; count += 1) {
      most = Math.max(most, response.listenerCount('close'));
      yield Buffer.alloc(256 << 10);
    }
  }
  const server = createServer((_request, response) => {
    const handled = { kind: 'bytes' as const, bytes: pieces(response) };
    void writeAnswer(response, 'saveImages', handled, () => '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let bytes = 0;
  const [answer] = await once(get({ port, host: '127.0.0.1' }), 'response');
  for await (const piece of answer) bytes += piece.length;
  server.close();
  assert.equal(bytes, 200 * (256 << 10));
  assert.ok(waits > 20, `only ${waits} waits`);
  assert.ok(most < 10, `${most} listeners`);
});

test('progress in bytes is left out while its reader does not read; what is said once, and the result, come', async () => {
  let held = 0;
  const server = createServer((_request, response) => {
    const run = async (report: Report) => {
      report({ kind: 'note', text: 'begun' });
      for (let done = 0; done < 100_000; done += 1) report({ kind: 'bytes', id: 'a', label: 'a', done });
      report({ kind: 'stage', name: 'last' });
      held = response.writableLength;
      return {};
    };
    void writeAnswer(response, 'startVm', { kind: 'operation', run }, () => '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [answer] = await once(get({ port, host: '127.0.0.1' }), 'response');
  let text = '';
  for await (const piece of answer) text += String(piece);
  server.close();
  assert.ok(held < 1 << 20, `${held} bytes waited`);
  const lines = text.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /begun/);
  assert.match(lines.at(-2) ?? '', /last/);
  assert.match(lines.at(-1) ?? '', /"type":"(result|error)"/);
});
