// Archives as tar(1) writes them, in every format and with holes, are read as what was packed. Needs GNU tar.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { link, mkdir, mkdtemp, open, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { readContent, readTar, type TarInput, writeTar } from '@ignite/archive';

const execute = promisify(execFile);
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-tar-'));
  await mkdir(join(folder, 'd/sub'), { recursive: true });
  await writeFile(join(folder, 'd/file'), 'content', { mode: 0o640 });
  await utimes(join(folder, 'd/file'), 1.25, 1_500_000_000.5);
  await link(join(folder, 'd/file'), join(folder, 'd/linked'));
  await symlink('../file', join(folder, 'd/sub/link'));
  await mkdir(join(folder, 'long'));
  await writeFile(join(folder, 'long', 'n'.repeat(240)), 'long');
  await symlink('t'.repeat(200), join(folder, 'long/target'));
  await using sparse = await open(join(folder, 'sparse'), 'w');
  for (const at of [0, 3, 70, 71, 500, 900, 1300, 1999]) {
    await sparse.write(Buffer.alloc(4096, at % 251), 0, 4096, at * 4096 * 3);
  }
  await sparse.truncate(30_000_000);
});

after(() => rm(folder, { recursive: true }));

interface Seen {
  readonly type: string;
  readonly link: string;
  readonly size: number;
  readonly mtime: string;
  readonly hash: string;
}

async function readBy(...args: readonly string[]): Promise<Record<string, Seen>> {
  const tar = spawn('tar', ['-C', folder, '-cf', '-', ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const seen: Record<string, Seen> = {};
  for await (const entry of readTar(tar.stdout)) {
    const hash = createHash('sha256');
    for await (const chunk of entry.content) hash.update(chunk);
    const mtime = `${entry.mtime.seconds}.${entry.mtime.nanoseconds}`;
    seen[entry.name] = {
      type: entry.type,
      link: entry.linkName,
      size: entry.size,
      mtime,
      hash: hash.digest('hex'),
    };
  }
  return seen;
}

for (const format of ['gnu', 'oldgnu', 'pax', 'ustar', 'v7']) {
  test(`format ${format}`, async () => {
    const seen = await readBy(`--format=${format}`, '--sort=name', 'd');
    assert.deepEqual(Object.keys(seen), ['d/', 'd/file', 'd/linked', 'd/sub/', 'd/sub/link']);
    assert.equal(seen['d/']?.type, 'directory');
    assert.equal(seen['d/file']?.size, 7);
    assert.equal(seen['d/file']?.mtime, format === 'pax' ? '1500000000.500000000' : '1500000000.0');
    assert.deepEqual([seen['d/linked']?.type, seen['d/linked']?.link], ['hardlink', 'd/file']);
    assert.deepEqual([seen['d/sub/link']?.type, seen['d/sub/link']?.link], ['symlink', '../file']);
  });
}

for (const format of ['gnu', 'pax']) {
  test(`long names in format ${format}`, async () => {
    const seen = await readBy(`--format=${format}`, 'long');
    assert.equal(seen[`long/${'n'.repeat(240)}`]?.size, 4);
    assert.equal(seen['long/target']?.link, 't'.repeat(200));
  });
}

for (const how of [
  ['--format=gnu'],
  ['--format=oldgnu'],
  ['--format=pax', '--sparse-version=0.0'],
  ['--format=pax', '--sparse-version=0.1'],
  ['--format=pax', '--sparse-version=1.0'],
]) {
  test(`a sparse file, ${how.join(' ')}`, async () => {
    const seen = await readBy(...how, '--sparse', 'sparse');
    const hash = createHash('sha256')
      .update(await readFile(join(folder, 'sparse')))
      .digest('hex');
    assert.equal(seen['sparse']?.size, 30_000_000);
    assert.equal(seen['sparse']?.hash, hash);
  });
}

test('numbers beyond octal are read', async () => {
  const numbers = ['--owner=n:3000000000', '--group=g:4000000000', '--mtime=@-77'];
  const tar = spawn('tar', ['-C', folder, '-cf', '-', '--format=gnu', ...numbers, 'd/file'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const entry of readTar(tar.stdout)) {
    assert.deepEqual([entry.uid, entry.gid, entry.mtime.seconds], [3_000_000_000, 4_000_000_000, -77]);
    assert.equal((await readContent(entry, 100)).toString(), 'content');
  }
});

test('tar(1) lists and unpacks what is written', async () => {
  const mtime = { seconds: 1_600_000_000, nanoseconds: 123_456_789 };
  const entries: readonly TarInput[] = [
    { type: 'directory', name: 'out/', mode: 0o750, mtime },
    { type: 'file', name: `out/${'é'.repeat(80)}`, size: 5, content: [Buffer.from('hello')], mtime },
    { type: 'file', name: `out/${'odd\xff'.repeat(60)}`, size: 3, content: [Buffer.from('odd')] },
    { type: 'symlink', name: 'out/link', linkName: 's'.repeat(150) },
    { type: 'hardlink', name: 'out/hard', linkName: `out/${'odd\xff'.repeat(60)}` },
  ];
  const parts: Uint8Array[] = [];
  for await (const part of writeTar(entries)) parts.push(part);
  const archive = join(folder, 'written.tar');
  await writeFile(archive, Buffer.concat(parts));
  const { stderr } = await execute('tar', ['-C', folder, '-xf', archive]);
  // POSIX has it for names that are no UTF-8; GNU tar takes the bytes and says so.
  assert.match(stderr, /^(tar: Ignoring unknown extended header keyword 'hdrcharset'\n)*$/);
  const { stdout } = await execute('find', [join(folder, 'out'), '-type', 'f', '-printf', '%s %n %Ts\n']);
  assert.deepEqual(stdout.split('\n').sort(), ['', '3 2 0', '3 2 0', '5 1 1600000000']);
});
