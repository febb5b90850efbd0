// Images that are large in one way or another: e2fsck finds nothing, a kernel reads them, debugfs agrees.
// Needs e2fsprogs; mounting needs root and loop devices.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type EntryMeta, type Ext4Writer, fileSink, formatEmptyExt4 } from '@ignite/ext4';
import { createNameHash } from '../../../packages/ext4/src/htree-hash.ts';
import { canMount, checkImage, fixed, makeImage, mounted, run, scratch } from './tools.ts';

const skip = (await canMount()) ? false : 'needs root and loop devices';
const meta: EntryMeta = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 2 } };
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

async function hashOf(path: string): Promise<string> {
  await using file = await open(path);
  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ highWaterMark: MIB })) hash.update(chunk);
  return hash.digest('hex');
}

test('a directory of 100,000 entries is found by hash, entry by entry', { skip }, async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  const name = (index: number): string => `entry ${index} ${'x'.repeat(index % 200)}`;
  const count = 100_000;
  const result = await makeImage(image, async (writer) => {
    for (let index = 0; index < count; index++) {
      await writer.file(`large/${name(index)}`, meta, 0, []);
    }
  });
  assert.equal(result.entries, count + 1);
  assert.deepEqual(await checkImage(image), []);
  assert.match(await run('debugfs', '-R', 'htree_dump /large', image), /Indirect levels: 1/);
  await using mount = await mounted(image);
  assert.equal((await readdir(join(mount.path, 'large'))).length, count);
  for (let index = 0; index < count; index += 7) await stat(join(mount.path, 'large', name(index)));
  await assert.rejects(stat(join(mount.path, 'large', 'entry -1 ')), { code: 'ENOENT' });
});

test('names of 255 odd bytes fill leaves', { skip }, async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  const names = Array.from(
    { length: 3000 },
    (_none, index) => `${String(index).padStart(4, '0')}${'\xfe'.repeat(251)}`,
  );
  await makeImage(image, async (writer) => {
    for (const name of names) await writer.symlink(`d/${name}`, meta, 'x');
  });
  assert.deepEqual(await checkImage(image), []);
  await using mount = await mounted(image);
  const found = await readdir(join(mount.path, 'd'), { encoding: 'latin1' });
  assert.deepEqual(found.sort(), names);
});

/** Two names of 255 bytes with the same hash, and fourteen with lower ones: fifteen fill a leaf. */
function collidingNames(): string[] {
  const hash = createNameHash(fixed.hashSeed);
  const byHash = new Map<number, string>();
  for (let index = 0; ; index++) {
    const name = String(index).padStart(255, 'c');
    const value = hash(Buffer.from(name));
    const twin = byHash.get(value);
    const lower = twin === undefined ? [] : [...byHash].filter(([other]) => other < value).slice(0, 14);
    if (twin !== undefined && lower.length === 14) return [...lower.map(([, one]) => one), twin, name];
    byHash.set(value, name);
  }
}

test("entries of one hash on both sides of a leaf's end are found", { skip }, async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  const names = collidingNames();
  await makeImage(image, async (writer) => {
    for (const name of names) await writer.file(`d/${name}`, meta, 0, []);
  });
  assert.deepEqual(await checkImage(image), []);
  await using mount = await mounted(image);
  for (const name of names) await stat(join(mount.path, 'd', name));
});

test('more than 64,999 subdirectories', { skip }, async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  await makeImage(image, async (writer) => {
    for (let index = 0; index < 65_100; index++)
      await writer.directory(`many/${index}`, { ...meta, mode: 0o755 });
  });
  assert.deepEqual(await checkImage(image), []);
});

/** A file in which every other block is a hole: one extent a block. */
function* striped(blocks: number): Generator<Uint8Array, void, undefined> {
  const data = Buffer.alloc(4096, 0xd5);
  const hole = Buffer.alloc(4096);
  for (let block = 0; block < blocks; block++) yield block % 2 === 0 ? data : hole;
}

test('extent trees of every depth', { skip }, async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  const sizes = [1, 7, 8, 9, 10, 2 * 340, 2 * 341, 2 * 340 * 4, 2 * 340 * 4 + 3, 300_000];
  await makeImage(image, async (writer) => {
    for (const blocks of sizes) await writer.file(`striped-${blocks}`, meta, blocks * 4096, striped(blocks));
  });
  assert.deepEqual(await checkImage(image), []);
  await using mount = await mounted(image);
  for (const blocks of sizes) {
    const path = join(mount.path, `striped-${blocks}`);
    const expected = createHash('sha256');
    for (const chunk of striped(blocks)) expected.update(chunk);
    assert.equal(await hashOf(path), expected.digest('hex'), `striped-${blocks}`);
    assert.ok((await stat(path)).blocks * 512 < (blocks / 2 + 10) * 4096 * 1.01);
  }
});

test('a file over 4 GiB, most of it hole, takes only its data', { skip }, async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  const size = 5 * GIB + 123;
  const result = await makeImage(image, async (writer) => {
    const zeros = Buffer.alloc(MIB);
    await writer.file(
      'sparse',
      meta,
      size,
      (function* () {
        yield Buffer.from('begin');
        yield zeros.subarray(5);
        for (let at = MIB; at < 5 * GIB; at += MIB) yield zeros;
        yield Buffer.alloc(123, 'e');
      })(),
    );
  });
  assert.ok(result.bytes < 64 * MIB);
  assert.deepEqual(await checkImage(image), []);
  await using mount = await mounted(image);
  const facts = await stat(join(mount.path, 'sparse'));
  assert.equal(facts.size, size);
  assert.equal(facts.blocks, 16);
  await using file = await open(join(mount.path, 'sparse'));
  const end = Buffer.alloc(128);
  await file.read(end, 0, 128, size - 128);
  assert.equal(end.toString('latin1'), `\0\0\0\0\0${'e'.repeat(123)}`);
});

async function mixture(writer: Ext4Writer): Promise<void> {
  for (let round = 0; round < 3; round++) {
    writer.beginLayer();
    for (let index = 0; index < 300; index++) {
      const size = (index * 7919) % 50_000;
      await writer.file(`d${index % 7}/f${index}`, meta, size, [Buffer.alloc(size, 65 + round)]);
      if (index % 11 === round) await writer.remove(`d${index % 7}/f${index - 77}`);
      if (index % 13 === round) await writer.hardlink(`h${index}`, `d${index % 7}/f${index}`);
    }
  }
}

test('replaced files give their blocks back, and the same input gives the same bytes', { skip }, async () => {
  await using folder = await scratch();
  const [first, second] = [join(folder.path, 'a'), join(folder.path, 'b')];
  const result = await makeImage(first, mixture);
  await makeImage(second, mixture);
  assert.ok(result.bytes < 40 * MIB, `${result.bytes}`);
  assert.deepEqual(await checkImage(first), []);
  assert.equal(await hashOf(first), await hashOf(second));
});

test('SEC-02, BUG-25: what debugfs reads is what was put in', async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  await makeImage(image, async (writer) => {
    await writer.file('a/b', { ...meta, mode: 0o4755, uid: 70_000, gid: 5 }, 5, [Buffer.from('hello')]);
    await writer.symlink('l', meta, 'a/b');
    assert.equal((await writer.readFile('l', 100))?.toString(), 'hello');
  });
  const facts = await run('debugfs', '-R', 'stat /a/b', image);
  assert.match(facts, /Mode: {2}04755/);
  assert.match(facts, /User: 70000 {3}Group: {5}5/);
  assert.match(facts, /mtime: 0x00000001:00000008/);
  assert.match(facts, /crtime: 0x6553f100:00000000/);
  assert.equal(await run('debugfs', '-R', 'cat /a/b', image), 'hello');
  const features = await run('dumpe2fs', '-h', image);
  assert.match(
    features,
    /features: +has_journal ext_attr dir_index filetype meta_bg extent 64bit flex_bg sparse_super large_file huge_file dir_nlink extra_isize metadata_csum$/m,
  );
  assert.match(features, /Filesystem UUID: +00112233-4455-6677-8899-aabbccddeeff/);
  assert.match(features, /Filesystem volume name: +test/);
});

test('the layout has room for 16 TiB, though the image is small', async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  await makeImage(image, (writer) => writer.file('x', meta, 1, [Buffer.from('x')]));
  const facts = await run('dumpe2fs', '-h', image);
  const number = (name: string) => Number(new RegExp(`^${name}: +(\\d+)$`, 'm').exec(facts)?.[1]);
  const groups = 2 ** 44 / (number('Blocks per group') * number('Block size'));
  assert.equal(groups, 131_072);
  assert.equal(number('Group descriptor size'), 64, 'block numbers beyond 2^32');
  assert.ok(number('Inodes per group') * groups < 2 ** 32, 'fs/ext4/resize.c refuses more');
  // with meta_bg the descriptors of a new group lie in its neighbourhood: no table must have been left room for
  assert.match(facts, /features: .*\bmeta_bg\b.*\b64bit\b/);
  assert.doesNotMatch(facts, /resize_inode|Reserved GDT blocks/);
});

test('a drive without a journal', { skip }, async () => {
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  const result = await makeImage(image, (writer) => writer.file('x', meta, 1, [Buffer.from('x')]), {
    journalBytes: 0,
  });
  assert.ok(result.bytes <= 4 * MIB, `${result.bytes}`);
  assert.deepEqual(await checkImage(image), []);
  await using mount = await mounted(image);
  assert.equal(await readFile(join(mount.path, 'x'), 'utf8'), 'x');
});

test('empty file systems of every size take almost no room, and a kernel writes to them', {
  skip,
}, async () => {
  for (const bytes of [32 * MIB, 127 * MIB, 128 * MIB, 129 * MIB, 8 * GIB + MIB, 100 * GIB]) {
    await using folder = await scratch();
    const image = join(folder.path, 'image');
    await using file = await open(image, constants.O_RDWR | constants.O_CREAT);
    const result = await formatEmptyExt4({ sink: fileSink(file), ...fixed }, bytes);
    assert.equal(result.bytes, bytes);
    await file.truncate(bytes);
    assert.ok((await file.stat()).blocks * 512 < MIB);
    assert.deepEqual(await checkImage(image), []);
    {
      await using mount = await mounted(image, 'loop');
      await run(
        'dd',
        'if=/dev/urandom',
        `of=${join(mount.path, 'data')}`,
        'bs=1M',
        'count=8',
        'conv=fsync',
        'status=none',
      );
      for (let index = 0; index < 500; index++)
        await (await open(join(mount.path, `f${index}`), 'w')).close();
    }
    assert.deepEqual(await checkImage(image), []);
  }
});
