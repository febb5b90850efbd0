import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
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

/** A question for the address of a name. */
function question(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  const head = Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, 1, 0, 1])]);
}

/** A place that no other process of the host has. */
const { pid } = process;
const own = { address: `127.${64 + ((pid >> 16) & 63)}.${(pid >> 8) & 255}.${pid & 255}`, port: 1053 };

test('a guest whose questions are never answered leaves room for those of others', async () => {
  let asked = 0;
  const another = Promise.withResolvers<void>();
  const resolvers = (): Promise<readonly string[]> => {
    asked += 1;
    if (asked === 65) another.resolve();
    return new Promise(() => {});
  };
  await using _server = await listenDns({ ...own, zone, entries: () => [], resolvers });
  const [greedy, modest] = [createSocket('udp4'), createSocket('udp4')];
  try {
    greedy.bind(0, '127.0.0.1');
    modest.bind(0, '127.0.0.2');
    await Promise.all([once(greedy, 'listening'), once(modest, 'listening')]);
    for (let count = 0; count < 65; count += 1) greedy.send(question('slow.test'), own.port, own.address);
    const [refused] = (await once(greedy, 'message')) as [Buffer];
    assert.equal(refused.readUInt16BE(2) & 0xf, 2, 'the 65th is told of a failure');
    assert.equal(asked, 64);
    modest.send(question('slow.test'), own.port, own.address);
    await another.promise;
  } finally {
    greedy.close();
    modest.close();
  }
});

test('a guest that keeps connections open leaves some to others, and long messages are not put together', async () => {
  const entries = () => [{ vmName: 'web', network: 'bridge', address: '10.0.0.2' }];
  await using _server = await listenDns({ ...own, zone, entries, resolvers: async () => [] });
  const open = async (localAddress: string) => {
    const socket = connect({ port: own.port, host: own.address, localAddress });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const held = [];
  for (let count = 0; count < 8; count += 1) held.push(await open('127.0.0.1'));
  await once((await open('127.0.0.1')).resume(), 'close');
  const other = await open('127.0.0.2');
  const message = question('web');
  other.write(Buffer.concat([Buffer.from([0, message.length]), message]));
  const [answer] = (await once(other, 'data')) as [Buffer];
  assert.deepEqual([...answer.subarray(-4)], [10, 0, 0, 2]);
  other.resume().write(Buffer.from([0x40, 0]));
  await once(other, 'close');
  for (const socket of held) socket.destroy();
});
