// Names of VMs, asked for by guests on a host made of namespaces; the resolver is a process that can die.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { BridgeNic } from '../../../engine/src/network/index.ts';
import { contextFor, FAR, type Lab, makeLab } from './lab.ts';

const signal = AbortSignal.timeout(300_000);
const SERVER = join(import.meta.dirname, 'name-server.ts');
const silent = { keep: async () => {}, setEntries: () => {} };

let lab: Lab;
let web: BridgeNic;
let asker: string;
let resolver: ChildProcess | undefined;
let far: ChildProcess | undefined;

before(async () => {
  lab = await makeLab();
  const network = lab.engine({ nameService: silent });
  await network.rebuild(() => [], signal);
  web = await network.bind({ vmUid: 'uid-1', ports: [] }, [], signal);
  const other = await network.bind({ vmUid: 'uid-2', ports: [] }, [web], signal);
  asker = await lab.guest(2, other);
  await network.attach(web, contextFor(1));
  await network.attach(other, contextFor(2));
  far = await startNames(lab.names.internet, [
    [{ name: 'example', gateway: FAR, subnet: '203.0.113.0/24' }],
    [{ vmName: 'www', network: 'example', address: '203.0.113.80' }],
    [],
  ]);
});

after(async () => {
  for (const child of [resolver, far]) await end(child);
  await lab.network.removeAll(signal);
  await lab.close();
});

test('a VM is found by name, by name and network, and by address; what is not ours is passed on', async () => {
  resolver = await startOwn();
  assert.deepEqual(
    await questions('web', 'WEB.bridge', 'ghost.bridge', 'www.example', web.address, web.gateway),
    [web.address, web.address, 'ENOTFOUND', '203.0.113.80', 'web.bridge', 'ENOTFOUND'],
  );
});

test('by TCP, too', async () => {
  assert.match(await byTcp('\\x03web\\x00', 1), hexOf(web.address));
  assert.match(await byTcp('\\x03www\\x07example\\x00', 1), hexOf('203.0.113.80'));
});

test('hostile packets end nothing', async () => {
  await lab.run(asker, [process.execPath, '-e', HOSTILE, web.gateway], { timeoutMs: 120_000 });
  assert.deepEqual(await questions('web'), [web.address]);
});

test('while our resolver is away questions go to the host’s, and it answers again once it is back', async () => {
  await end(resolver);
  assert.deepEqual(await questions('www.example'), ['203.0.113.80']);
  assert.notDeepEqual(await questions('web'), [web.address]);
  resolver = await startOwn();
  assert.deepEqual(await questions('web', 'www.example'), [web.address, '203.0.113.80']);
});

function startOwn(): Promise<ChildProcess> {
  const subnet = `${web.gateway.replace(/\.1$/, '.0')}/${web.prefixLength}`;
  return startNames(lab.names.host, [
    [{ name: 'bridge', gateway: web.gateway, subnet }],
    [{ vmName: 'web', network: 'bridge', address: web.address }],
    [FAR],
  ]);
}

async function startNames(netns: string, words: readonly unknown[]): Promise<ChildProcess> {
  const argv = [
    `--net=/run/netns/${netns}`,
    process.execPath,
    SERVER,
    ...words.map((word) => JSON.stringify(word)),
  ];
  const child = spawn('nsenter', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => assert.fail('it ended'))]);
  return child;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const ASK = `
const [server, ...names] = process.argv.slice(1);
const resolver = new (require('node:dns').promises.Resolver)({ timeout: 5000, tries: 4 });
resolver.setServers([server]);
const ask = (name) => /^[0-9.]+$/.test(name) ? resolver.reverse(name) : resolver.resolve4(name);
Promise.all(names.map((name) => ask(name).then(([first]) => first, (error) => error.code)))
  .then((all) => console.log(JSON.stringify(all)));`;

async function questions(...names: readonly string[]): Promise<unknown> {
  const { stdout } = await lab.run(asker, [process.execPath, '-e', ASK, web.gateway, ...names], {
    timeoutMs: 120_000,
  });
  return JSON.parse(stdout);
}

const BY_TCP = `
const [server, name, type] = process.argv.slice(1);
const { connect } = require('node:net');
const query = Buffer.concat([Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.from(JSON.parse('"' + name.replaceAll('\\\\x', '\\\\u00') + '"'), 'latin1'), Buffer.from([0, Number(type), 0, 1])]);
const socket = connect(53, server, () => socket.write(Buffer.concat([Buffer.from([0, query.length]), query])));
socket.setTimeout(60000, () => process.exit(1));
socket.on('data', (bytes) => { console.log(bytes.toString('hex')); socket.end(); });`;

async function byTcp(name: string, type: number): Promise<string> {
  const argv = [process.execPath, '-e', BY_TCP, web.gateway, name, String(type)] as const;
  return (await lab.run(asker, argv, { timeoutMs: 120_000 })).stdout.trim();
}

function hexOf(address: string): RegExp {
  return new RegExp(`${Buffer.from(address.split('.').map(Number)).toString('hex')}$`);
}

const HOSTILE = `
const server = process.argv[1];
const udp = require('node:dgram').createSocket('udp4');
const { connect } = require('node:net');
const { randomBytes } = require('node:crypto');
const bad = [Buffer.alloc(0), Buffer.from([0]), Buffer.alloc(12), Buffer.alloc(1400, 0xff), Buffer.from('00010100000100000000000003', 'hex'),
  Buffer.from('000101000001000000000000c00c00010001', 'hex'), ...Array.from({ length: 500 }, (_, i) => randomBytes(1 + i * 2))];
let left = bad.length;
for (const bytes of bad) udp.send(bytes, 53, server, () => { if (--left === 0) tcp(); });
function tcp() {
  udp.close();
  let open = 100;
  for (let i = 0; i < 100; i++) {
    const socket = connect(53, server, () => { socket.write(randomBytes(64)); setTimeout(() => socket.destroy(), 50); });
    socket.on('error', () => {});
    socket.on('close', () => { if (--open === 0) process.exit(0); });
  }
}`;
