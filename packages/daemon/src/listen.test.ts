import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { listen } from './listen.ts';

const DEADLINE_MS = 60_000;

async function socketPath(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'listen-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'ignited.sock');
}

test('a client that keeps its upgraded connection does not keep the daemon', {
  timeout: DEADLINE_MS,
}, async (context) => {
  const path = await socketPath(context);
  const server = createServer();
  server.on('upgrade', (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\nlast words'));
  const stop = await listen(server, { path, env: {}, pid: process.pid });
  const client = connect({ path, allowHalfOpen: true });
  context.after(() => client.destroy());
  client.write('GET / HTTP/1.1\r\nHost: ignited\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  const [head] = (await once(client, 'data')) as [Buffer];
  assert.match(head.toString(), /last words/);
  await stop();
});
