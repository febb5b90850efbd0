import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { defaultRegistrySettings } from './settings.ts';
import { openTransport, RedirectError, redirectTarget } from './transport.ts';

const from = new URL('https://registry.example/v2/a/blobs/x');

test('redirects to HTTP addresses are resolved', () => {
  assert.equal(redirectTarget('/other?a=b', from, false).href, 'https://registry.example/other?a=b');
  assert.equal(redirectTarget('https://cdn.example/x', from, false).origin, 'https://cdn.example');
  assert.equal(redirectTarget('http://cdn.example/x', from, true).origin, 'http://cdn.example');
});

test('redirects that could leak or mislead are refused', () => {
  for (const location of [
    'http://cdn.example/x',
    'file:///etc/passwd',
    'https://u:p@cdn.example/',
    'http://[',
  ])
    assert.throws(() => redirectTarget(location, from, false), RedirectError, location);
});

test('a registry that never answers the handshake keeps nobody who gives up, and no connection', {
  timeout: 60_000,
}, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  const ends: (() => void)[] = [() => server.close()];
  t.after(() => ends.forEach((end) => end()));
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const settings = { ...defaultRegistrySettings, certificateFolders: [] };
  await using transport = await openTransport('registry.test', false, settings);
  t.mock.timers.enable({ apis: ['setTimeout'] }); // no deadline of the HTTP client ends it
  const giveUp = new AbortController();
  const accepted: Promise<[Socket]> = once(server, 'connection') as Promise<[Socket]>; // as net documents it
  const answer = transport.send(new URL(`https://127.0.0.1:${address.port}/v2/`), { signal: giveUp.signal });
  const [socket] = await accepted;
  ends.push(() => socket.destroy());
  const closed = once(socket.resume(), 'close');
  giveUp.abort(new Error('enough'));
  await assert.rejects(answer, /enough/);
  await transport[Symbol.asyncDispose]();
  await closed;
});
