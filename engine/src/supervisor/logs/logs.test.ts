import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LogPiece } from '@ignite/api/frames';
import { readConsoleTail } from './console-tail.ts';
import { parseCriLine } from './cri-line.ts';
import { type LogQuery, readAppLog, readConsoleLog, readVmmLog } from './read-logs.ts';

async function makeFolder(files: Readonly<Record<string, string | Uint8Array>>) {
  const path = await mkdtemp(join(tmpdir(), 'ignite-logs-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function textOf(pieces: AsyncIterable<LogPiece>, stream?: 1 | 2): Promise<string> {
  let text = '';
  for await (const piece of pieces)
    if (stream === undefined || piece.stream === stream) text += Buffer.from(piece.bytes).toString();
  return text;
}

const at = (second: number) => `2026-11-20T10:00:0${second}.000000000Z`;
const app = (path: string, query?: LogQuery) => textOf(readAppLog(path, query));

const LINES = {
  'app.log.1': `${at(1)} stdout F one\n${at(2)} stderr F bad\n${at(3)} stdout P tw\n`,
  'app.log': `${at(3)} stdout F o\n${at(4)} stdout F \n${at(5)} stdout P prompt`.concat('\n'),
};

test('records become the bytes the app wrote, across rotation, stream by stream', async () => {
  await using folder = await makeFolder(LINES);
  assert.equal(await app(folder.path), 'one\nbad\ntwo\n\nprompt');
  assert.equal(await textOf(readAppLog(folder.path), 1), 'one\ntwo\n\nprompt');
  assert.equal(await textOf(readAppLog(folder.path), 2), 'bad\n');
});

test('tail counts lines, a joined one once', async () => {
  await using folder = await makeFolder(LINES);
  assert.equal(await app(folder.path, { tail: 1 }), 'prompt');
  assert.equal(await app(folder.path, { tail: 3 }), 'two\n\nprompt');
  assert.equal(await app(folder.path, { tail: 0 }), '');
  assert.equal(await app(folder.path, { tail: 99 }), 'one\nbad\ntwo\n\nprompt');
});

test('since and until are inclusive', async () => {
  await using folder = await makeFolder(LINES);
  assert.equal(await app(folder.path, { since: new Date(at(2)), until: new Date(at(3)) }), 'bad\ntwo\n');
  assert.equal(await app(folder.path, { since: new Date(at(9)) }), '');
});

test('torn and foreign lines are skipped, a record without its newline is not yet one', async () => {
  await using folder = await makeFolder({
    'app.log': `garbage\n\n${at(1)} stdout F yes\n${at(2)} stdout F not y`,
  });
  assert.equal(await app(folder.path), 'yes\n');
});

test('a log that is not there is empty', async () => {
  await using folder = await makeFolder({});
  assert.equal(await app(folder.path), '');
  assert.equal(await textOf(readConsoleLog(join(folder.path, 'nowhere'), { follow: true })), '');
  assert.equal(await readConsoleTail(folder.path, 5, new Date(0)), '');
});

test('a line of 3 MiB in 200 records is whole in content', async () => {
  const piece = 'x'.repeat(16_000);
  const records = Array.from({ length: 200 }, () => `${at(1)} stdout P ${piece}\n`).join('');
  await using folder = await makeFolder({ 'app.log': `${records}${at(1)} stdout F end\n` });
  assert.equal(await app(folder.path), `${piece.repeat(200)}end\n`);
});

test('CRI times keep their nanoseconds', () => {
  const line = parseCriLine(Buffer.from('2026-11-20T10:00:00.123456789Z stderr P a b'));
  assert.equal(line?.time, BigInt(Date.parse('2026-11-20T10:00:00Z')) * 1_000_000n + 123_456_789n);
  assert.deepEqual(
    { ...line, content: String(line?.content) },
    { stream: 2, time: line?.time, whole: false, content: 'a b' },
  );
  for (const bad of [
    '',
    'x',
    '2026-11-20T10:00:00Z stdout X a',
    '2026-99-20T10:00:00Z stdout F a',
    'now stdout F a',
  ])
    assert.equal(parseCriLine(Buffer.from(bad)), undefined);
});

test('follow goes on after the end, through a rotation, and stops when the VM has ended', async () => {
  await using folder = await makeFolder({ 'app.log': `${at(1)} stdout F first\n` });
  const ended = new AbortController();
  const reader = readAppLog(folder.path, { follow: true, ended: ended.signal });
  const next = async () => String((await reader.next()).value?.bytes);
  assert.equal(await next(), 'first\n');
  const path = join(folder.path, 'app.log');
  const second = next();
  await appendFile(path, `${at(2)} stdout F second\n`);
  assert.equal(await second, 'second\n');
  const third = next();
  await appendFile(path, `${at(3)} stdout F third\n`);
  await rename(path, `${path}.1`);
  await writeFile(path, `${at(4)} stdout F fourth\n`);
  assert.equal(await third, 'third\n');
  assert.equal(await next(), 'fourth\n');
  await appendFile(path, `${at(5)} stdout P last`.concat('\n'));
  ended.abort();
  assert.equal(await next(), 'last');
  assert.equal((await reader.next()).done, true);
});

test('follow ends with its signal, and when until has come', async () => {
  await using folder = await makeFolder({ 'app.log': `${at(1)} stdout F first\n` });
  const abort = new AbortController();
  const reader = readAppLog(folder.path, { follow: true, signal: abort.signal });
  await reader.next();
  const rest = reader.next();
  abort.abort();
  assert.equal((await rest).done, true);
  assert.equal(await app(folder.path, { follow: true, until: new Date() }), 'first\n');
});

function index(...entries: readonly (readonly [ms: number, offset: number])[]): Uint8Array {
  const bytes = Buffer.alloc(entries.length * 16);
  for (const [i, [ms, offset]] of entries.entries()) {
    bytes.writeBigUInt64LE(BigInt(ms), i * 16);
    bytes.writeBigUInt64LE(BigInt(offset), i * 16 + 8);
  }
  return bytes;
}

test('the console by time and by lines', async () => {
  await using folder = await makeFolder({
    'console.log.1': 'old\n',
    'console.idx.1': index([1000, 0]),
    'console.log': 'boot\nlogin: ',
    'console.idx': index([2000, 0], [3000, 5]),
  });
  const read = (query: LogQuery) => textOf(readConsoleLog(folder.path, query));
  assert.equal(await read({}), 'old\nboot\nlogin: ');
  assert.equal(await read({ since: new Date(2000) }), 'boot\nlogin: ');
  assert.equal(await read({ since: new Date(2001) }), 'login: ');
  assert.equal(await read({ until: new Date(2000) }), 'old\nboot\n');
  assert.equal(await read({ tail: 2 }), 'boot\nlogin: ');
  assert.equal(await readConsoleTail(folder.path, 2, new Date(0)), 'boot\nlogin:');
  assert.equal(await readConsoleTail(folder.path, 9, new Date(0)), 'old\nboot\nlogin:');
});

test('a console that somebody has emptied, whose index knows of more, has an end all the same', async () => {
  await using folder = await makeFolder({
    'console.log': 'new\n',
    'console.idx': index([1000, 0], [2000, 5000]),
  });
  assert.equal(await readConsoleTail(folder.path, 9, new Date(2000)), '');
  assert.equal(await readConsoleTail(folder.path, 9, new Date(1000)), 'new');
});

test('the end of the console is that of one run, across rotation, and not of those before it', async () => {
  await using folder = await makeFolder({
    'console.log.2': 'oldest\n',
    'console.idx.2': index([500, 0]),
    'console.log.1': 'panic\nboot\n',
    'console.idx.1': index([1000, 0], [2000, 6]),
    'console.log': 'login\n',
    'console.idx': index([3000, 0]),
  });
  const tail = (since: number) => readConsoleTail(folder.path, 9, new Date(since));
  assert.equal(await tail(1000), 'panic\nboot\nlogin');
  assert.equal(await tail(1001), 'boot\nlogin');
  assert.equal(await tail(2000), 'boot\nlogin');
  assert.equal(await tail(2001), 'login');
  assert.equal(await tail(3001), '', 'it has said nothing');
});

test('the VMM’s log has the time of its last change', async () => {
  await using folder = await makeFolder({ 'vmm.log': 'qemu: bad\n' });
  assert.equal(
    await textOf(readVmmLog(folder.path, { since: new Date(Date.now() - 60_000) })),
    'qemu: bad\n',
  );
});
