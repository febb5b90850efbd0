import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aWhile, listeningServer } from '../fixtures/api-server.ts';

test('who asked is known before the answer goes out, however soon that is, also of what fails', async (t) => {
  const written: { readonly operation: string; readonly pid?: number; readonly result: string }[] = [];
  const engine = {
    audit: { write: (entry: (typeof written)[number]) => void written.push(entry) },
    peerOf: async (socket: { readonly destroyed: boolean }) => {
      await aWhile();
      return socket.destroyed ? undefined : { pid: 17, uid: 0, gid: 0 };
    },
  };
  const handlers = {
    repair: async () => ({ items: [] }),
    gc: () => Promise.reject(new Error('broken')),
  };
  const { post } = await listeningServer(t, { engine, handlers });

  assert.match(await post('/v1/system/repair'), /"items":\[\]/);
  await post('/v1/system/gc');

  assert.deepEqual(
    written.map(({ operation, pid, result }) => [operation, pid, result]),
    [
      ['repair', 17, 'ok'],
      ['gc', 17, 'bug'],
    ],
  );
});
