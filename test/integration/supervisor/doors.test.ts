// A VMM that takes no descriptors: its guest's calls arrive at sockets in the jail, its API is a socket of its own.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Launch, SupervisorHandle } from '../../../engine/src/supervisor/index.ts';
import { makeWorld, STAND_IN, soon, type World } from './world.ts';

const skip = process.getuid?.() !== 0;
const DOORS = { facts: '/run/s_1024', link: '/run/s_1025', vmm: '/run/api.sock', log: '/run/log' };
const METRICS = '/run/metrics';
const UID = 54_323;

function start(
  world: World,
  steps: readonly string[],
  console: 'console' | 'terminal' = 'console',
  fileBytes?: number,
): Promise<SupervisorHandle> {
  const change: Partial<Launch> = {
    argv: ['/vmm', 'console=0', ...steps],
    uid: UID,
    gid: UID,
    descriptors: [{ fd: 0, kind: console }],
    jail: {
      root: join(world.run, 'jail'),
      binds: [{ writable: false, source: STAND_IN, target: '/vmm' }],
      files: [{ target: '/configuration.json', content: '{"a:b": 1}' }],
      ...(fileBytes === undefined ? {} : { fileBytes }),
      devices: ['/dev/null'],
      doors: { ...DOORS, metrics: METRICS },
    },
  };
  return world.start([], change);
}

async function until(handle: SupervisorHandle, holds: () => boolean): Promise<void> {
  void handle.ended.then(() => assert.ok(holds(), 'the VMM ended before'));
  while (!holds()) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = handle.onStatus(() => resolve());
    if (!holds()) await promise;
    stop();
  }
}

test('facts: only who shows the token is heard, and may call again', { skip }, async () => {
  await using world = await makeWorld();
  const call = `facts-call=${DOORS.facts}`;
  const stranger = [call, `token=${'00'.repeat(16)}`, 'ready=app', 'facts-end'];
  const guest = [call, `token=${world.token}`, 'ready=app', 'facts-end'];
  const last = [call, `token=${world.token}`, 'intent=2', 'exit=0'];
  const handle = await start(world, [...stranger, ...guest, ...last]);
  const exit = await handle.ended;
  assert.equal(exit?.ready, true);
  assert.equal(exit.intent, 'reboot');
  assert.deepEqual(handle.status().notes, []);
});

test('a file that is filled up with spaces is as it was once the guest has called', { skip }, async () => {
  await using world = await makeWorld();
  const guest = [`facts-call=${DOORS.facts}`, `token=${world.token}`, 'ready=app'];
  const handle = await start(world, ['await=go', ...guest, 'serve'], 'console', 100_000);
  const read = () => readFile(`/proc/${handle.status().vmmPid}/root/configuration.json`, 'utf8');
  assert.equal(await read(), '{"a:b": 1}'.padEnd(100_000));
  const console = await handle.open('console', soon());
  console.write('go\n');
  await until(handle, () => handle.status().ready !== undefined);
  assert.equal(await read(), '{"a:b": 1}');
  await handle.kill(soon());
});

test('link: a client waits for the guest, a stranger is passed over', { skip }, async () => {
  await using world = await makeWorld();
  const call = `link-call=${DOORS.link}`;
  const stranger = [call, `link-show=${'00'.repeat(16)}`];
  const handle = await start(world, [
    ...stranger,
    'await=go',
    call,
    `link-show=${world.token}`,
    'link-flood=70000',
    'serve',
  ]);
  const link = await handle.open('link', soon());
  const console = await handle.open('console', soon());
  console.write('go\n');
  let count = 0;
  for await (const chunk of link) {
    count += (chunk as Buffer).length;
    if (count === 70_000) break;
  }
  assert.equal(count, 70_000);
  await handle.kill(soon());
});

test('vmm: each client has a connection of its own; the log is a FIFO; the console is stdin and stdout', {
  skip,
}, async () => {
  await using world = await makeWorld();
  const guest = [`facts-call=${DOORS.facts}`, `token=${world.token}`, 'ready=app'];
  const handle = await start(world, [
    `vmm-serve=${DOORS.vmm}`,
    `fifo=${DOORS.log}`,
    'stdout=to the console',
    ...guest,
    'serve',
  ]);
  await until(handle, () => handle.status().ready !== undefined);
  for (let time = 0; time < 2; time += 1) {
    const vmm = await handle.open('vmm', soon());
    vmm.write('ping\n');
    let text = '';
    for await (const chunk of vmm.setEncoding('utf8')) {
      text += String(chunk);
      if (text.endsWith('ping\n')) break;
    }
    assert.equal(text, 'here\nping\n');
  }
  await handle.kill(soon());
  await handle.ended;
  assert.match(await readFile(join(world.logs, 'vmm.log'), 'utf8'), /logged/);
  assert.match(await readFile(join(world.logs, 'console.log'), 'utf8'), /to the console/);
});

test('counters: what the VMM told since the line before is added up, daemon or not', { skip }, async () => {
  await using world = await makeWorld();
  const told = (bytes: number) => `fifo=${METRICS}:{"block":{"read_bytes":${bytes},"write_bytes":1}}`;
  const guest = [`facts-call=${DOORS.facts}`, `token=${world.token}`, 'ready=app'];
  const handle = await start(world, [
    told(1000),
    `fifo=${METRICS}:no line of metrics`,
    told(24),
    ...guest,
    'await=go',
    told(5000),
    'note=told:all',
    'serve',
  ]);
  await until(handle, () => handle.status().ready !== undefined);
  const nothing = { diskThrottled: 0, networkThrottled: 0, exits: 0 };
  assert.deepEqual(await handle.counters(soon()), { lines: 2, diskRead: 1024, diskWritten: 2, ...nothing });
  const console = await handle.open('console', soon());
  console.write('go\n');
  await until(handle, () => handle.status().notes.some(({ stage }) => stage === 'told'));
  assert.deepEqual(await handle.counters(soon()), { lines: 3, diskRead: 6024, diskWritten: 3, ...nothing });
  await handle.kill(soon());
});

test('vmm: before the VMM listens nobody is connected', {
  skip,
}, async () => {
  await using world = await makeWorld();
  const handle = await start(world, ['serve']);
  const vmm = await handle.open('vmm', soon());
  for await (const chunk of vmm) assert.fail(`something came: ${String(chunk)}`);
  await handle.kill(soon());
});

test('console: as a terminal it takes input and carries every byte unchanged', { skip }, async () => {
  await using world = await makeWorld();
  const handle = await start(world, ['await=go', 'show=terminal', 'serve'], 'terminal');
  const console = await handle.open('console', soon());
  console.write('go\n');
  const sent = Buffer.from([0x03, 0x04, 0x0d, 0x0a, 0x11, 0x13, 0x1a, 0x7f, 0xff, 0x00, 0x0a]);
  console.write(sent);
  let came = Buffer.alloc(0);
  for await (const chunk of console) {
    came = Buffer.concat([came, chunk as Buffer]);
    if (came.includes(sent)) break;
  }
  assert.match(came.toString('latin1'), /terminal: yes, output waits/);
  await handle.kill(soon());
  assert.equal((await handle.ended)?.vmm.signal, 9);
});

test('a guest that comes for the link a second time was reset: its VMM is ended, as by a reset', {
  skip,
}, async () => {
  await using world = await makeWorld();
  const boot = [
    ...[`facts-call=${DOORS.facts}`, `token=${world.token}`, 'ready=app'],
    ...[`link-call=${DOORS.link}`, `link-show=${world.token}`],
  ];
  const handle = await start(world, [...boot, 'intent=2', 'facts-end', 'link-end', ...boot, 'serve']);
  const exit = await handle.ended;
  assert.deepEqual(exit?.vmm, { code: 0 });
  assert.equal(exit.intent, 'reboot');
  assert.equal(exit.reset, true);
  assert.equal(exit.killed, false);
});
