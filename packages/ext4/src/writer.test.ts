// The tree while an image is made: replacing, links, layers, limits and errors. The sink is memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createExt4Writer,
  type EntryMeta,
  type Ext4Options,
  type Ext4Writer,
  type ImageSink,
} from './index.ts';

const meta: EntryMeta = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };

function memorySink(): ImageSink {
  let bytes = Buffer.alloc(0);
  return {
    async write(piece, position) {
      if (position + piece.length > bytes.length) {
        const larger = Buffer.alloc((position + piece.length) * 2);
        bytes.copy(larger);
        bytes = larger;
      }
      bytes.set(piece, position);
    },
    async read(piece, position) {
      piece.set(bytes.subarray(position, position + piece.length));
    },
  };
}

function make(options: Partial<Ext4Options> = {}): Ext4Writer {
  const fixed = { label: '', uuid: Buffer.alloc(16, 1), hashSeed: Buffer.alloc(16, 2), epochSeconds: 0 };
  return createExt4Writer({ sink: memorySink(), ...fixed, ...options });
}

const put = (writer: Ext4Writer, path: string, body = path): Promise<void> =>
  writer.file(path, meta, body.length, [Buffer.from(body)]);

const read = async (writer: Ext4Writer, path: string): Promise<string | undefined> =>
  (await writer.readFile(path, 1000))?.toString();

test('stat, list and readFile see the tree as it stands', async () => {
  const writer = make();
  await put(writer, 'usr/lib/os-release', 'ID=debian');
  await writer.symlink('etc/os-release', meta, '../usr/lib/os-release');
  await writer.symlink('sbin', meta, 'usr/sbin');
  await writer.file('usr/sbin/init', { ...meta, mode: 0o4755, uid: 70_000 }, 0, []);
  assert.equal(await read(writer, '/etc/os-release'), 'ID=debian');
  assert.equal(writer.stat('etc/os-release', { follow: false })?.target, '../usr/lib/os-release');
  const init = writer.stat('sbin/init', { follow: true });
  assert.deepEqual(
    [init?.path, init?.type, init?.mode, init?.uid],
    ['usr/sbin/init', 'file', 0o4755, 70_000],
  );
  assert.deepEqual(writer.list('/'), ['etc', 'sbin', 'usr']);
  assert.deepEqual(
    [writer.stat('', { follow: true })?.type, writer.stat('/', { follow: true })?.links],
    ['directory', 4],
  );
  assert.equal(writer.stat('usr/sbin/init/below', { follow: true }), undefined);
  assert.equal(writer.list('usr/sbin/init'), undefined);
  assert.equal(await writer.readFile('usr/lib/os-release', 3), undefined);
  assert.equal(await read(writer, 'nowhere'), undefined);
});

test('content comes in chunks of any size, zeros become holes', async () => {
  const writer = make();
  const body = Buffer.alloc(100_000);
  body.fill('a', 10, 20_001);
  body.fill('b', 81_920, 99_000);
  for (const size of [37, 511, 4096, 4097, 50_000, 100_000]) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < body.length; at += size) chunks.push(body.subarray(at, at + size));
    await writer.file(`f${size}`, meta, body.length, chunks);
    assert.deepEqual(await writer.readFile(`f${size}`, 1_000_000), body);
  }
});

test('content of another length than announced is an error', async () => {
  const writer = make();
  await assert.rejects(writer.file('short', meta, 5, [Buffer.alloc(4)]), {
    code: 'ext4/size-mismatch',
    message: /"short"/,
  });
  await assert.rejects(writer.file('long', meta, 5, [Buffer.alloc(4), Buffer.alloc(2)]), {
    code: 'ext4/size-mismatch',
  });
});

test('whiteouts spare what their own layer brought', async () => {
  const writer = make();
  writer.beginLayer();
  for (const path of ['d/a', 'd/sub/b', 'e/c']) await put(writer, path);
  writer.beginLayer();
  await put(writer, 'd/sub/new');
  await writer.clear('d');
  await writer.remove('e');
  await put(writer, 'late');
  assert.equal(await writer.remove('late'), true);
  assert.deepEqual(writer.list('/'), ['d', 'late']);
  assert.deepEqual(writer.list('d'), ['sub']);
  assert.deepEqual(writer.list('d/sub'), ['new']);
  assert.equal(await writer.remove('nothing/here'), false);
  await assert.rejects(writer.remove('a/..'), { code: 'ext4/root' });
  await assert.rejects(writer.remove('d/.'), { code: 'ext4/bad-path' });
  await assert.rejects(writer.remove('d/sub/..'), { code: 'ext4/bad-path' });
});

test('without layers, remove removes', async () => {
  const writer = make();
  await put(writer, 'd/a');
  assert.equal(await writer.remove('d'), true);
  assert.deepEqual(writer.list('/'), []);
});

test('hard links share content until one is replaced', async () => {
  const writer = make();
  await put(writer, 'a', 'old');
  await writer.hardlink('b', 'a');
  await writer.hardlink('b', '/a');
  assert.equal(writer.stat('a', { follow: true })?.links, 2);
  await put(writer, 'a', 'new');
  assert.deepEqual([await read(writer, 'a'), await read(writer, 'b')], ['new', 'old']);
  await writer.directory('d', meta);
  await assert.rejects(writer.hardlink('x', 'missing'), { code: 'ext4/link-target-missing', message: /"x"/ });
  await assert.rejects(writer.hardlink('x', 'd'), { code: 'ext4/link-target-missing' });
});

test('BUG-24: SEC-01: links never lead out of the root, loops are errors', async () => {
  const writer = make();
  await writer.symlink('out', meta, '../../../etc');
  await put(writer, 'out/passwd');
  assert.deepEqual(writer.list('etc'), ['passwd']);
  await writer.symlink('loop', meta, 'pool');
  await writer.symlink('pool', meta, 'loop');
  await assert.rejects(put(writer, 'loop/x'), { code: 'ext4/link-loop' });
  await put(writer, 'plain');
  await assert.rejects(put(writer, 'plain/x'), { code: 'ext4/parent-not-directory', message: /"plain\/x"/ });
});

test('a remembered parent is forgotten when it changes', async () => {
  const writer = make();
  await put(writer, 'a/b/one');
  await writer.symlink('a', meta, 'c');
  await put(writer, 'a/b/two');
  assert.deepEqual(writer.list('c/b'), ['two']);
});

test('impossible names, owners, targets and devices are refused by name', async () => {
  const writer = make();
  const nul = { code: 'ext4/bad-path' };
  await assert.rejects(put(writer, 'a\0b'), nul);
  await assert.rejects(put(writer, 'a\0b/c'), nul);
  await assert.rejects(put(writer, 'n'.repeat(256)), nul);
  await assert.rejects(put(writer, 'd/'.repeat(2100)), nul);
  await assert.rejects(put(writer, '/'), { code: 'ext4/root' });
  await assert.rejects(writer.directory('d', { ...meta, uid: -1 }), { code: 'ext4/entry-invalid' });
  await assert.rejects(writer.symlink('l', meta, ''), { code: 'ext4/entry-invalid' });
  await assert.rejects(writer.device('n', meta, 'block', 4096, 0), { code: 'ext4/entry-invalid' });
  await assert.rejects(writer.file('f', meta, 2 ** 50, []), { code: 'ext4/entry-invalid' });
  const large = new Map([['user.large', Buffer.alloc(5000)]]);
  await assert.rejects(writer.directory('x', { ...meta, xattrs: large }), {
    code: 'ext4/entry-invalid',
    message: /"x"/,
  });
});

test('limits of entries and bytes', async () => {
  const few = make({ maximumEntries: 3 });
  await put(few, 'a/b');
  await put(few, 'c');
  await assert.rejects(put(few, 'd'), { code: 'ext4/too-many-entries' });
  const small = make({ maximumBytes: 1024 * 1024 });
  await assert.rejects(small.file('f', meta, 2_000_000, [Buffer.alloc(2_000_000, 1)]), {
    code: 'ext4/too-large',
  });
});

test('an error of the sink comes out', async () => {
  const sink = { ...memorySink(), write: () => Promise.reject(new Error('disk full')) };
  const writer = make({ sink });
  await put(writer, 'a');
  await assert.rejects(writer.finish(), /disk full/);
});

test('sizes are whole MiB and hold what is asked for', async () => {
  const writer = make();
  await put(writer, 'a');
  const result = await writer.finish({ minimumBytes: 50_000_000, freeBytes: 40_000_000 });
  assert.equal(result.bytes % (1024 * 1024), 0);
  assert.ok(result.bytes - result.usedBytes >= 40_000_000 && result.bytes >= 50_000_000);
  assert.equal(result.entries, 1);
});

test('a file of several names is found by each, also when the newest of them went with its directory', async () => {
  const writer = make();
  writer.beginLayer();
  await put(writer, 'bin/git');
  await writer.hardlink('lib/git-core/git', 'bin/git');
  writer.beginLayer();
  await writer.remove('lib/git-core');
  const at = (path: string, follow: boolean): unknown => writer.stat(path, { follow })?.path;
  assert.deepEqual([at('bin/git', false), at('bin/git', true)], ['bin/git', 'bin/git']);
  await writer.symlink('sbin', meta, 'bin');
  await writer.hardlink('other', 'bin/git');
  assert.deepEqual([at('sbin/git', false), at('other', true), at('sbin', true)], ['bin/git', 'other', 'bin']);
});
