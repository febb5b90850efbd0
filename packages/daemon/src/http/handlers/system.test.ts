import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '@ignite/engine';
import { aWhile, listeningServer } from '../../fixtures/api-server.ts';
import { systemHandlers } from './system.ts';

test('a daemon that is told to end says so before it closes the connection, however long its answer takes', async (t) => {
  const engine = { audit: { write: () => {} }, peerOf: aWhile };
  const ended = Promise.withResolvers<void>();
  const shutdown = () => {
    server.close(() => ended.resolve());
    server.closeAllConnections();
  };
  const handlers = systemHandlers(engine as unknown as Engine, { version: '1', commit: 'c', shutdown });
  const { server, post } = await listeningServer(t, { engine, handlers });

  assert.deepEqual(JSON.parse(await post('/v1/system/shutdown')), { stopping: true });
  await ended.promise;
});
