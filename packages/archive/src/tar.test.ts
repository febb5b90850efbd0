// Writing and reading are each other's inverse; no bytes make the reader fail in any other way than it says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api/errors';
import fc from 'fast-check';
import { readContent, readTar, type TarEntry, type TarInput, writeTar } from './index.ts';

async function pack(entries: readonly TarInput[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of writeTar(entries)) parts.push(part);
  return Buffer.concat(parts);
}

/** The archive in pieces of changing size, each in a buffer that is overwritten afterwards. */
async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array, void, undefined> {
  let turn = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[turn++ % sizes.length] ?? bytes.length;
    const piece = Buffer.from(bytes.subarray(at, at + size));
    at += size;
    yield piece;
    piece.fill(0xaa);
  }
}

interface Read {
  readonly entry: Omit<TarEntry, 'content'>;
  readonly content: Buffer;
}

async function unpack(bytes: Buffer, sizes: readonly number[] = [bytes.length || 1]): Promise<Read[]> {
  const read: Read[] = [];
  for await (const { content, ...entry } of readTar(pieces(bytes, sizes))) {
    read.push({ entry, content: await readContent({ ...entry, content }, 10_000_000) });
  }
  return read;
}

const byte = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const name = fc.oneof(
  fc.string({ unit: byte, minLength: 1, maxLength: 300 }),
  fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b', '.', '\xe9'), minLength: 1, maxLength: 90 }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.join('/')),
);
const time = fc
  .tuple(fc.integer({ min: -(2 ** 33), max: 2 ** 35 }), fc.oneof(fc.constant(0), fc.nat(999_999_999)))
  .map(([seconds, nanoseconds]) => ({ seconds, nanoseconds }));
const id = fc.oneof(fc.nat(3000), fc.nat(0xffffffff));
const common = {
  name: name.map((text) => text.replace(/\/+$/, '') || 'x'),
  mode: fc.nat(0o7777),
  uid: id,
  gid: id,
  userName: fc.string({ unit: byte, maxLength: 40 }),
  groupName: fc.string({ unit: byte, maxLength: 40 }),
  mtime: time,
  xattrs: fc
    .dictionary(
      fc.stringMatching(/^user\.[a-z]{1,20}$/),
      fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      { maxKeys: 3 },
    )
    .map((attributes) => new Map(Object.entries(attributes))),
};
const entry: fc.Arbitrary<TarInput> = fc.oneof(
  fc
    .record({ ...common, type: fc.constant('file' as const), body: fc.uint8Array({ maxLength: 3000 }) })
    .map(({ body, ...rest }) => ({
      ...rest,
      size: body.length,
      content: [body.slice(0, 700), body.slice(700)],
    })),
  fc.record({ ...common, type: fc.constantFrom('directory' as const, 'fifo' as const) }),
  fc.record({ ...common, type: fc.constantFrom('symlink' as const, 'hardlink' as const), linkName: name }),
  fc.record({
    ...common,
    type: fc.constantFrom('character' as const, 'block' as const),
    deviceMajor: fc.nat(4095),
    deviceMinor: fc.nat(0xfffff),
  }),
);

function expected(input: TarInput): Read {
  const { content, ...given } = input;
  const bytes = Buffer.concat([...((content as Iterable<Uint8Array> | undefined) ?? [])]);
  return {
    entry: {
      ...{ linkName: '', deviceMajor: 0, deviceMinor: 0, size: 0 },
      ...{ mode: 0, uid: 0, gid: 0, userName: '', groupName: '', mtime: { seconds: 0, nanoseconds: 0 } },
      ...given,
      xattrs: new Map([...(given.xattrs ?? [])].map(([key, value]) => [key, Buffer.from(value)])),
    },
    content: bytes,
  };
}

test('what is written is read, in pieces of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 }),
      async (entries, sizes) => {
        assert.deepEqual(await unpack(await pack(entries), sizes), entries.map(expected));
      },
    ),
    { numRuns: 60 },
  );
});

test('content that is not read, or not read to its end, is skipped', async () => {
  const big = Buffer.alloc(5000, 'b');
  const archive = await pack(
    ['a', 'b', 'c'].map((title) => ({ type: 'file', name: title, size: 5000, content: [big] })),
  );
  const names: string[] = [];
  for await (const one of readTar(pieces(archive, [700]))) {
    names.push(one.name);
    if (one.name === 'b') for await (const _chunk of one.content) break;
  }
  assert.deepEqual(names, ['a', 'b', 'c']);
});

test('changed bytes give entries or an error of ours, never anything else', async () => {
  const base = await pack([
    {
      type: 'file',
      name: 'f'.repeat(200),
      size: 600,
      content: [Buffer.alloc(600)],
      mtime: { seconds: 1, nanoseconds: 5 },
    },
    { type: 'symlink', name: 'l', linkName: 'f' },
  ]);
  const change = fc.tuple(fc.nat(base.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      fc.nat(base.length),
      async (changes, mend, length) => {
        const bytes = Buffer.from(base.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        if (mend)
          for (let at = 0; at + 512 <= bytes.length; at += 512) mendChecksum(bytes.subarray(at, at + 512));
        await unpack(bytes).catch((error: unknown) => assert.ok(isIgniteError(error), String(error)));
      },
    ),
    { numRuns: 300 },
  );
});

test('any bytes at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      await unpack(Buffer.from(bytes)).catch((error: unknown) =>
        assert.ok(isIgniteError(error), String(error)),
      );
    }),
  );
});

function mendChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const value of block) sum += value;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
}

async function failure(bytes: Buffer): Promise<unknown> {
  return unpack(bytes).then(
    () => undefined,
    (error: unknown) => (isIgniteError(error) ? `${error.code} ${error.message}` : error),
  );
}

test('an archive cut short names the entry; between entries it may end', async () => {
  const archive = await pack([
    { type: 'file', name: 'etc/whole', size: 1000, content: [Buffer.alloc(1000, 1)] },
  ]);
  assert.equal(await failure(archive.subarray(0, 512 + 1024)), undefined);
  assert.match(String(await failure(archive.subarray(0, 900))), /^archive\/truncated .*"etc\/whole"/);
  assert.match(String(await failure(archive.subarray(0, 512 + 1010))), /^archive\/truncated .*"etc\/whole"/);
  assert.match(String(await failure(archive.subarray(0, 300))), /^archive\/truncated/);
  assert.equal(await failure(Buffer.alloc(0)), undefined);
});

/** One header block with a right checksum. */
function header(fields: {
  readonly name: string;
  readonly type: string;
  readonly size?: string | Buffer;
}): Buffer {
  const block = Buffer.alloc(512);
  block.write(fields.name, 0, 'latin1');
  block.write('0000644\0', 100);
  block.set(Buffer.from(fields.size ?? '00000000000'), 124);
  block.write(fields.type, 156);
  block.write('ustar\x0000', 257, 'latin1');
  mendChecksum(block);
  return block;
}

test('what no honest archive has is refused by name', async () => {
  const huge = Buffer.from([0x80, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0]);
  const negative = Buffer.alloc(12, 0xff);
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [header({ name: 'huge', type: '0', size: huge }), /^archive\/(limit|malformed) .*"huge"/],
    [header({ name: 'less', type: '0', size: negative }), /^archive\/malformed .*"less"/],
    [header({ name: 'octal', type: '0', size: '0000000008x' }), /^archive\/malformed .*"octal"/],
    [header({ name: 'what', type: '~' }), /^archive\/unsupported-entry .*"what"/],
    [header({ name: 'volume', type: 'M' }), /^archive\/unsupported-entry .*"volume"/],
    [header({ name: 'pax', type: 'x', size: '77777777777' }), /^archive\/limit .*"pax"/],
    [header({ name: '', type: '0' }), /^archive\/malformed/],
  ];
  for (const [block, message] of cases) assert.match(String(await failure(block)), message);
});

test('a NUL in a name is refused', async () => {
  const archive = await pack([{ type: 'file', name: 'x'.repeat(300) }]);
  archive[archive.indexOf('path=xxx') + 10] = 0;
  assert.match(String(await failure(archive)), /^archive\/malformed .*NUL/);
});

test('global records hold until an entry says otherwise', async () => {
  const body = Buffer.from('13 uname=all\n');
  const global = header({ name: 'g', type: 'g', size: body.length.toString(8).padStart(11, '0') });
  const archive = Buffer.concat([
    global,
    body,
    Buffer.alloc(512 - body.length),
    await pack([
      { type: 'fifo', name: 'a' },
      { type: 'fifo', name: 'b', userName: 'n'.repeat(40) },
    ]),
  ]);
  assert.deepEqual(
    (await unpack(archive)).map(({ entry: one }) => one.userName),
    ['all', 'n'.repeat(40)],
  );
});

test('global records of many headers cannot fill the memory', async () => {
  const record = (key: string) => {
    const rest = `${key}=${'v'.repeat(300_000)}\n`;
    return Buffer.from(`${rest.length + 7} ${rest}`);
  };
  const globals = ['a', 'b', 'c', 'd'].flatMap((key) => {
    const body = record(key);
    const size = body.length.toString(8).padStart(11, '0');
    return [header({ name: 'g', type: 'g', size }), body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  assert.match(String(await failure(Buffer.concat(globals))), /^archive\/limit .*global/);
});

test('the writer refuses what cannot be written, and content of another length', async () => {
  const bad: readonly TarInput[] = [
    { type: 'file', name: '' },
    { type: 'file', name: 'a\0b' },
    { type: 'symlink', name: 'a', linkName: '\0' },
    { type: 'file', name: 'a', uid: -1 },
    { type: 'directory', name: 'a', size: 1 },
    { type: 'file', name: 'short', size: 2, content: [Buffer.alloc(1)] },
    { type: 'file', name: 'long', size: 2, content: [Buffer.alloc(3)] },
    { type: 'block', name: 'device', deviceMajor: 2 ** 30 },
  ];
  for (const one of bad) await assert.rejects(pack([one]), { code: 'archive/entry-invalid' }, one.name);
});

test('content behind an entry that only its name makes a directory is skipped, not read as entries', async () => {
  const inner = await pack([{ type: 'file', name: 'smuggled' }]);
  const size = 512;
  const outer = await pack([
    { type: 'file', name: 'folder', size, content: [inner.subarray(0, size)] },
    { type: 'file', name: 'after' },
  ]);
  outer.write('folder/', 0, 'latin1');
  outer.fill(0x20, 148, 156);
  const sum = outer.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  outer.write(sum.toString(8).padStart(7, '0'), 148, 'latin1');
  const found: string[] = [];
  for await (const entry of readTar(pieces(outer, [700]))) found.push(`${entry.type} ${entry.name}`);
  assert.deepEqual(found, ['directory folder/', 'file after']);
});
