import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { MOST_CONNECTIONS, scrapeServer } from './scrape-server.ts';

/** Its port. */
async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

test('strangers that connect and say nothing take a bounded part of the daemon’s descriptors', async (t) => {
  const server = scrapeServer(async () => '');
  const port = await listening(t, server);
  const [more, dropped] = [5, Promise.withResolvers<void>()];
  let drops = 0;
  server.on('drop', () => {
    drops += 1;
    if (drops === more) dropped.resolve();
  });
  const sockets = Array.from({ length: MOST_CONNECTIONS + more }, () => connect(port, '127.0.0.1'));
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  for (const socket of sockets) socket.on('error', () => {});
  await dropped.promise;
});

test('who scrapes while a scrape is under way gets the same one; whoever comes later gets another', async (t) => {
  const both = Promise.withResolvers<void>();
  let scrapes = 0;
  const server = scrapeServer(async () => {
    scrapes += 1;
    await both.promise;
    return `ignite_scrapes ${scrapes}\n`;
  });
  const port = await listening(t, server);
  let requests = 0;
  server.on('request', () => {
    requests += 1;
    if (requests === 2) both.resolve();
  });
  const get = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assert.deepEqual(await Promise.all([get(), get()]), ['ignite_scrapes 1\n', 'ignite_scrapes 1\n']);
  assert.equal(await get(), 'ignite_scrapes 2\n');
});
