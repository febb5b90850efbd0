import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Engine } from '@ignite/engine';
import type { Handlers } from './handler.ts';
import { createApiServer } from './server.ts';

/** Asks once on a connection of its own, which is closed with the answer. */
async function ask(socketPath: string, path: string): Promise<string> {
  const asked = request({ socketPath, path, method: 'POST', agent: false });
  asked.end('{}');
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return text(answer);
}

test('who asked is known before the answer goes out, however soon that is, also of what fails', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-account-'));
  t.after(() => rm(folder, { recursive: true }));
  const written: { readonly operation: string; readonly pid?: number; readonly result: string }[] = [];
  const engine = {
    audit: { write: (entry: (typeof written)[number]) => void written.push(entry) },
    peerOf: async (socket: { readonly destroyed: boolean }) => {
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      return socket.destroyed ? undefined : { pid: 17, uid: 0, gid: 0 };
    },
  };
  const handlers = {
    repair: async () => ({ items: [] }),
    gc: () => Promise.reject(new Error('broken')),
  };
  const server = createApiServer({
    engine: engine as unknown as Engine,
    handlers: handlers as unknown as Handlers,
    complain: () => {},
    signal: new AbortController().signal,
  });
  const socketPath = join(folder, 'sock');
  server.listen(socketPath);
  await once(server, 'listening');
  t.after(() => server.close());

  assert.match(await ask(socketPath, '/v1/system/repair'), /"items":\[\]/);
  await ask(socketPath, '/v1/system/gc');

  assert.deepEqual(
    written.map(({ operation, pid, result }) => [operation, pid, result]),
    [
      ['repair', 17, 'ok'],
      ['gc', 17, 'bug'],
    ],
  );
});
