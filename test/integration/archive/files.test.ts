// Folders packed and unpacked again are the same; hostile archives never leave the target.
import assert from 'node:assert/strict';
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import {
  type ExtractOptions,
  extractTar,
  packDirectory,
  readTar,
  type TarInput,
  writeTar,
} from '@ignite/archive';

const signal = new AbortController().signal;
let folder = '';
let target = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-files-'));
  target = join(folder, 'target');
  await mkdir(target);
  await mkdir(join(folder, 'outside'));
  await writeFile(join(folder, 'outside/secret'), 'secret');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const text = (name: string, body: string, more: Partial<TarInput> = {}): TarInput => ({
  ...{ type: 'file', name, size: Buffer.byteLength(body), content: [Buffer.from(body)] },
  ...more,
});

async function extract(
  entries: readonly TarInput[],
  options: Partial<ExtractOptions> = {},
): Promise<readonly string[]> {
  return (await extractTar(writeTar(entries), target, { signal, ...options })).skipped;
}

async function outsideIsUntouched(): Promise<void> {
  assert.deepEqual(await readdir(join(folder, 'outside')), ['secret']);
  assert.equal(await readFile(join(folder, 'outside/secret'), 'utf8'), 'secret');
  assert.deepEqual((await readdir(folder)).sort(), ['outside', 'target']);
}

test('a folder comes back as it was', async () => {
  const source = join(folder, 'source');
  await mkdir(join(source, 'sub/empty'), { recursive: true });
  await writeFile(join(source, 'run'), 'x'.repeat(300_000), { mode: 0o755 });
  await link(join(source, 'run'), join(source, 'sub/run-too'));
  await symlink('../run', join(source, 'sub/link'));
  await utimes(join(source, 'run'), 1000, 1_600_000_000.25);
  await chmod(join(source, 'sub'), 0o550);
  await utimes(join(source, 'sub'), 1000, 2000);
  const result = await extractTar(packDirectory(source, { signal, name: 'copy' }), target, { signal });
  assert.deepEqual([result.entries, result.bytes], [6, 300_000]);
  const copy = join(target, 'copy');
  const run = await lstat(join(copy, 'run'));
  assert.deepEqual([run.mode & 0o7777, run.mtimeMs, run.nlink], [0o755, 1_600_000_000_250, 2]);
  assert.equal(await readlink(join(copy, 'sub/link')), '../run');
  const sub = await lstat(join(copy, 'sub'));
  assert.deepEqual([sub.mode & 0o7777, sub.mtimeMs], [0o550, 2_000_000]);
  assert.deepEqual((await readdir(join(copy, 'sub'))).sort(), ['empty', 'link', 'run-too']);
});

test('packing follows the link it is given and none below, twice the same bytes', async () => {
  await symlink('outside', join(folder, 'named'));
  await symlink('secret', join(folder, 'outside/inner'));
  const pack = async (): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const part of packDirectory(join(folder, 'named'), { signal, name: '' })) parts.push(part);
    return Buffer.concat(parts);
  };
  const first = await pack();
  assert.deepEqual(first, await pack());
  const seen: string[] = [];
  for await (const entry of readTar(packDirectory(join(folder, 'named'), { signal, name: 'n' }))) {
    seen.push(`${entry.type} ${entry.name} ${entry.linkName} ${entry.uid}`);
  }
  assert.deepEqual(seen, ['directory n/  0', 'symlink n/inner secret 0', 'file n/secret  0']);
});

test('one file under another name, owners as asked', async () => {
  const options = { signal, name: 'renamed', owner: { uid: 7, gid: 8 } };
  for await (const entry of readTar(packDirectory(join(folder, 'outside/secret'), options))) {
    assert.deepEqual(
      [entry.name, entry.type, entry.size, entry.uid, entry.gid],
      ['renamed', 'file', 6, 7, 8],
    );
  }
  await assert.rejects(
    async () => {
      for await (const _part of packDirectory(join(folder, 'nowhere'), options));
    },
    { code: 'archive/file-access' },
  );
});

test('SEC-08: no entry leaves the target', async () => {
  await extract([text('../../../escaped', 'x'), text('/absolute', 'x'), text('a/../../b', 'x')]);
  assert.deepEqual((await readdir(target)).sort(), ['absolute', 'b', 'escaped']);
  const hostile: readonly (readonly TarInput[])[] = [
    [{ type: 'symlink', name: 'l', linkName: '../outside' }, text('l/secret', 'changed')],
    [{ type: 'symlink', name: 'l', linkName: join(folder, 'outside') }, text('l/new', 'x')],
    [
      { type: 'symlink', name: 'l', linkName: '../outside' },
      { type: 'directory', name: 'l/' },
    ],
    [
      { type: 'symlink', name: 'l', linkName: '../outside' },
      { type: 'hardlink', name: 'h', linkName: 'l/secret' },
    ],
    [
      { type: 'directory', name: 'd/' },
      { type: 'symlink', name: 'd', linkName: '../outside' },
      text('d/new', 'x'),
    ],
  ];
  for (const entries of hostile) await assert.rejects(extract(entries), { code: 'archive/outside' });
  await outsideIsUntouched();
});

test('a link in the way is replaced, never written through', async () => {
  await symlink('../outside/secret', join(target, 'file'));
  await extract([text('file', 'new')]);
  assert.ok((await lstat(join(target, 'file'))).isFile());
  await extract([{ type: 'symlink', name: 'x', linkName: '../outside/secret' }, text('x', 'second')]);
  assert.equal(await readFile(join(target, 'x'), 'utf8'), 'second');
  await assert.rejects(extract([{ type: 'hardlink', name: 'h', linkName: '../outside/secret' }]), {
    code: 'archive/file-access',
  });
  await assert.rejects(
    extract([
      { type: 'symlink', name: 's', linkName: '../outside/secret' },
      { type: 'hardlink', name: 'h', linkName: 's' },
    ]),
    { code: 'archive/malformed' },
  );
  await outsideIsUntouched();
});

test('no devices, no setuid, and names as the caller maps them', async () => {
  const skipped = await extract(
    [
      { type: 'directory', name: 'top/' },
      text('top/su', 'x', { mode: 0o6755 }),
      { type: 'character', name: 'top/null', deviceMajor: 1, deviceMinor: 3 },
      { type: 'fifo', name: 'top/fifo' },
      { type: 'hardlink', name: 'top/su2', linkName: 'top/su' },
      text('unwanted', 'x'),
    ],
    { mapName: (name) => (name.startsWith('top') ? `mapped${name.slice(3)}` : undefined) },
  );
  assert.deepEqual(skipped, ['mapped/null', 'mapped/fifo']);
  assert.deepEqual((await readdir(join(target, 'mapped'))).sort(), ['su', 'su2']);
  assert.equal((await lstat(join(target, 'mapped/su'))).mode & 0o7777, 0o755);
});

test('a folder that has things in it is not replaced by a file', async () => {
  await mkdir(join(target, 'full'));
  await writeFile(join(target, 'full/kept'), 'kept');
  await assert.rejects(extract([text('full', 'x')]), { code: 'archive/file-access' });
  assert.equal(await readFile(join(target, 'full/kept'), 'utf8'), 'kept');
});

test('unpacking ends when told to', async () => {
  const controller = new AbortController();
  controller.abort();
  await assert.rejects(extract([text('a', 'x')], { signal: controller.signal }), { code: 'host/cancelled' });
});

test('runs of zeros become holes, wherever the pieces of the content end', async () => {
  const size = (8 << 20) + 777; // ends in a hole
  const whole = Buffer.alloc(size);
  for (const at of [0, 5_000, 3 << 20, (3 << 20) + 4_090]) whole.write('data', at);
  await writeFile(join(folder, 'outside/whole'), whole);
  const pieces = async function* () {
    for (let at = 0; at < size; at += 100_001) yield whole.subarray(at, at + 100_001);
  };
  await extract([{ type: 'file', name: 'sparse', size, content: pieces() }]);
  assert.ok(whole.equals(await readFile(join(target, 'sparse'))));
  assert.ok((await lstat(join(target, 'sparse'))).blocks * 512 < 1 << 20);
});

/** An archive of one file (old GNU format) that is a hole of so many bytes. */
async function* hole(bytes: number): AsyncGenerator<Uint8Array> {
  const header = Buffer.alloc(512);
  header.write('hole', 0);
  header.write('0000600', 100);
  header.write('00000000000', 124);
  header.write('S', 156);
  header.write('ustar  ', 257);
  header.writeUInt8(0x80, 483); // base 256: the size with its holes
  header.writeBigUInt64BE(BigInt(bytes), 487);
  header.fill(' ', 148, 156);
  header.write(
    header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0'),
    148,
  );
  header.writeUInt8(0, 154);
  yield Buffer.concat([header, Buffer.alloc(1024)]);
}

test('unpacking a file of terabytes that is one hole ends when told to', async () => {
  const stop = new AbortController();
  const unpacking = extractTar(hole(2 ** 43), target, { signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(unpacking, { code: 'host/cancelled' });
});
