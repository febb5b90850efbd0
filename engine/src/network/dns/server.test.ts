import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { listenDns } from './server.ts';

const address = '127.0.0.1';
const zone = { network: 'bridge', contains: () => false };
const listen = (port: number) =>
  listenDns({ address, port, zone, entries: () => [], resolvers: async () => [] });
const open = () => readdirSync('/proc/self/fd').length;

test('a port that somebody else has costs no socket, however often it is tried', async () => {
  const udp = createSocket('udp4');
  udp.bind(0, address);
  await once(udp, 'listening');
  const tcp = createServer().listen(0, address);
  await once(tcp, 'listening');
  const facts = tcp.address();
  const ports = [udp.address().port, typeof facts === 'object' && facts !== null ? facts.port : 0];
  try {
    const before = open();
    for (const port of [...ports, ...ports, ...ports]) await assert.rejects(listen(port), /EADDRINUSE/);
    assert.equal(open(), before);
  } finally {
    udp.close();
    tcp.close();
  }
});
