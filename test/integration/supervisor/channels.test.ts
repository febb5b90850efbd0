// console, link and vmm as byte pipes; what a hostile or clumsy client or guest can do to them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { connect } from 'node:net';
import { eventually, makeWorld, pattern, privateMemory, soon, statusWhere, untilIdle } from './world.ts';

const MIB = 1 << 20;

async function readUntil(pipe: Duplex, wanted: string): Promise<string> {
  let text = '';
  for await (const piece of pipe.iterator({ destroyOnReturn: false })) {
    text += String(piece);
    if (text.includes(wanted)) return text;
  }
  return text;
}

test('ATT-04: console: both ways, the newest client wins, all of it in console.log with times', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['console=booting', 'serve']);
  const first = await handle.open('console', soon());
  first.write('one\n');
  await readUntil(first, 'one\n');
  const second = await handle.open('console', soon());
  await once(first.resume(), 'close');
  second.write('two\n');
  assert.match(await readUntil(second, 'two'), /^two/);
  const log = () => readFile(join(world.logs, 'console.log'), 'utf8');
  assert.equal(await eventually(log, (text) => text.endsWith('two\n')), 'booting\none\ntwo\n');
  const index = await readFile(join(world.logs, 'console.idx'));
  assert.ok(index.length >= 16 && index.length % 16 === 0, `${index.length} bytes`);
  assert.ok(Math.abs(Number(index.readBigUInt64LE(0)) - Date.now()) < 60_000);
  assert.equal(index.readBigUInt64LE(8), 0n);
});

test('console: a client that does not read loses bytes; the guest is never blocked', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['await=go', `console-flood=${16 * MIB}`, 'exit=0']);
  const console = await handle.open('console', soon());
  console.write('go\n');
  assert.deepEqual((await handle.ended)?.vmm, { code: 0 });
  let received = 0;
  for await (const piece of console) received += (piece as Uint8Array).length;
  assert.ok(received < 16 * MIB, `${received} bytes`);
});

test('console.log, its index and the rotated files stay within their bounds', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`console-flood=${8 * MIB + 5}`, 'exit=0'], {
    log: { maxBytes: MIB, files: 3 },
  });
  await handle.ended;
  assert.deepEqual((await readdir(world.logs)).sort(), [
    'console.idx',
    'console.idx.1',
    'console.idx.2',
    'console.log',
    'console.log.1',
    'console.log.2',
  ]);
  const [older, old, now] = await Promise.all(
    ['console.log.2', 'console.log.1', 'console.log'].map((name) => readFile(join(world.logs, name))),
  );
  assert.ok(older && old && now);
  for (const { length } of [older, old, now]) assert.ok(length <= MIB);
  const kept = Buffer.concat([older, old, now]);
  assert.ok(kept.equals(pattern(8 * MIB + 5 - kept.length, kept.length)), 'the newest bytes, without a hole');
});

test('vmm.log: whatever a guest makes its VMM print stays within its bounds', async () => {
  await using world = await makeWorld();
  const log = { maxBytes: 100_000, files: 3 };
  const handle = await world.start([`token=${world.token}`, 'stdout-flood=20000000', 'done=0', 'exit=0'], {
    log,
  });
  assert.equal((await handle.ended)?.main?.code, 0);
  const files = (await readdir(world.logs)).filter((name) => name.startsWith('vmm.'));
  assert.deepEqual(files.sort(), ['vmm.log', 'vmm.log.1', 'vmm.log.2']);
  for (const name of files) assert.ok((await stat(join(world.logs, name))).size <= log.maxBytes, name);
});

test('link: 64 MiB with back-pressure arrive whole; without a client they are discarded', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['await=go', `link-flood=${64 * MIB}`, 'console=sent', 'serve']);
  const link = await handle.open('link', soon());
  const console = await handle.open('console', soon());
  console.write('go\n');
  let received = 0;
  for await (const piece of link.iterator({ destroyOnReturn: false })) {
    const bytes = piece as Buffer;
    assert.ok(bytes.equals(pattern(received, bytes.length)));
    received += bytes.length;
    if (received === 64 * MIB) break;
  }
  await readUntil(console, 'sent');
});

test('link: a guest that floods nobody is not blocked', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`link-flood=${16 * MIB}`, 'exit=0']);
  assert.deepEqual((await handle.ended)?.vmm, { code: 0 });
});

test('link: a client that does not read holds up the link alone, and nobody spins', async () => {
  await using world = await makeWorld();
  const handle = await world.start([
    `token=${world.token}`,
    'ready=app',
    'await=go',
    `link-flood=${8 * MIB}`,
    'serve',
  ]);
  const link = await handle.open('link', soon());
  const console = await handle.open('console', soon());
  console.write('go\n');
  await once(link, 'readable');
  await untilIdle(handle.process.pid);
  link.destroy();
  console.write('back\n');
  await readUntil(console, 'back'); // the guest was set free
});

test('vmm: QMP passes; quit over a connection that closes at once still arrives', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['serve']);
  const qmp = await handle.open('vmm', soon());
  qmp.write('{"execute":"query-status","id":5}\n');
  assert.match(await readUntil(qmp, '"id": 5'), /"status": "running"/);
  const other = connect(join(world.run, 'spawn.sock'));
  other.end('vmm\n{"execute":"quit"}\n');
  other.resume();
  assert.deepEqual((await handle.ended)?.vmm, { code: 0 });
});

test('clients without manners: unknown channels, endless names, silence, many at once', async () => {
  await using world = await makeWorld();
  const handle = await world.start(['serve']);
  const path = join(world.run, 'spawn.sock');
  for (const word of ['nonsense\n', 'a'.repeat(5000), '\n', '\0\0\0\n']) {
    const client = connect(path);
    client.on('error', () => {});
    client.write(word);
    await once(client.resume(), 'close');
  }
  const silent = Array.from({ length: 40 }, () => connect(path).on('error', () => {}));
  await Promise.all(silent.map((client) => once(client, 'connect')));
  const console = await handle.open('console', soon());
  console.write('alive\n');
  await readUntil(console, 'alive');
  for (const client of silent) client.destroy();
  await untilIdle(handle.process.pid);
  assert.ok((await privateMemory(handle.process.pid)) < MIB);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

const VIOLATIONS: readonly (readonly [name: string, steps: (token: string) => string[], why: RegExp])[] = [
  ['a wrong token', () => ['token=00000000000000000000000000000000', 'ready=app'], /token of this boot/],
  ['no token', () => ['ready=app'], /token of this boot/],
  ['a second token', (token) => [`token=${token}`, `token=${token}`], /second token/],
  ['a frame of 4 GiB', (token) => [`token=${token}`, 'raw=ffffffff4100000000000000'], /longer than 64 KiB/],
  ['an unknown type', (token) => [`token=${token}`, 'raw=000000000100000000000000'], /unknown type/],
  ['a stream number', (token) => [`token=${token}`, 'raw=000000004100000001000000'], /must be 0/],
  [
    'a LOG frame without its head',
    (token) => [`token=${token}`, 'raw=0100000041000000000000000100'],
    /LOG frame/,
  ],
  [
    'a READY frame with a torn record',
    (token) => [`token=${token}`, 'raw=03000000400000000000000040000100'],
    /malformed/,
  ],
  ['more log data than its credit', (token) => [`token=${token}`, 'greedy=600000'], /credit/],
];

for (const [name, steps, why] of VIOLATIONS)
  test(`facts: ${name} closes the channel for good, the VM goes on`, async () => {
    await using world = await makeWorld();
    const handle = await world.start([...steps(world.token), 'console=alive', 'serve'], {
      waitForReader: true,
    });
    const status = await statusWhere(handle, ({ notes }) => notes.length > 0);
    assert.equal(status.notes[0]?.stage, 'facts');
    assert.match(status.notes[0]?.text ?? '', why);
    const console = await handle.open('console', soon());
    console.write('exit 0\n');
    await statusWhere(handle, ({ phase }) => phase === 'ended');
    await handle.kill(soon()); // what came before waits for a reader, and none will come
    const exit = await handle.ended;
    assert.deepEqual(exit?.vmm, { code: 0 });
    assert.equal(exit.killed, false);
  });

test('facts: half a frame at the end of the VM is noted, what came before counts', async () => {
  await using world = await makeWorld();
  const handle = await world.start([`token=${world.token}`, 'done=9', 'raw=100000004400', 'exit=0']);
  assert.equal((await handle.ended)?.main?.code, 9);
  assert.match(handle.status().notes.at(-1)?.text ?? '', /within a frame/);
});

test('facts: frames of a newer guest are skipped; notes are kept, the last 16, as valid text', async () => {
  await using world = await makeWorld();
  const notes = Array.from({ length: 20 }, (_, i) => `note=stage${i}:text "${i}"\\ \u0007é`);
  const handle = await world.start([
    `token=${world.token}`,
    'raw=020000009001000000000000abcd',
    ...notes,
    'serve',
  ]);
  const status = await statusWhere(handle, (now) => now.notes.at(-1)?.stage === 'stage19');
  assert.equal(status.notes.length, 16);
  assert.deepEqual(status.notes[0], { stage: 'stage4', text: 'text "4"\\ \u0007é' });
});

test('facts: a guest that sends notes without end gets few status lines out of us, and the last word is told', async () => {
  await using world = await makeWorld();
  const handle = await world.start([
    `token=${world.token}`,
    'await=go',
    'notes=300000',
    'note=last:word',
    'serve',
  ]);
  let lines = 0;
  handle.onStatus(() => lines++);
  const began = performance.now();
  const console = await handle.open('console', soon());
  console.write('go\n');
  await statusWhere(handle, ({ notes }) => notes.at(-1)?.stage === 'last');
  const seconds = (performance.now() - began) / 1000;
  assert.ok(lines <= 51 + 50 * seconds, `${lines} lines in ${seconds} s`);
});
