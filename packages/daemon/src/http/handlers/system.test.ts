import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Engine } from '@ignite/engine';
import type { Handlers } from '../handler.ts';
import { createApiServer } from '../server.ts';
import { systemHandlers } from './system.ts';

test('a daemon that is told to end says so before it closes the connection, however long its answer takes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-shutdown-'));
  t.after(() => rm(folder, { recursive: true }));
  const engine = {
    audit: { write: () => {} },
    peerOf: async () => {
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    },
  } as unknown as Engine;
  const ended = Promise.withResolvers<void>();
  const shutdown = () => {
    server.close(() => ended.resolve());
    server.closeAllConnections();
  };
  const server = createApiServer({
    engine,
    handlers: systemHandlers(engine, { version: '1', commit: 'c', shutdown }) as unknown as Handlers,
    complain: () => {},
    signal: new AbortController().signal,
  });
  const socketPath = join(folder, 'sock');
  server.listen(socketPath);
  await once(server, 'listening');

  const asked = request({ socketPath, path: '/v1/system/shutdown', method: 'POST', agent: false });
  asked.end('{}');
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  assert.deepEqual(JSON.parse(await text(answer)), { stopping: true });
  await ended.promise;
});
