// Compressed streams as real writers make them: several members and frames, skippable ones, cut ones, in pieces of any size.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { inflate } from './index.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpacked(bytes: Buffer, size: number, compression: 'gzip' | 'zstd' = 'zstd'): Promise<string> {
  const found: Uint8Array[] = [];
  for await (const piece of inflate(inPieces(bytes, size), compression)) found.push(piece);
  return Buffer.concat(found).toString('latin1');
}

const skippable = (text: string, kind = 0): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + kind, 0);
  head.writeUInt32LE(text.length, 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

const content = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.nat(300_000).map((length) => 'x'.repeat(length)),
  fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), fc.nat(60_000)).map(([word, n]) => word.repeat(n)),
);

test('all frames of a zstd stream are unpacked, whatever stands between them and however it is cut into pieces', async () => {
  const frame = fc.record({
    text: content,
    checksum: fc.boolean(),
    before: fc.option(fc.tuple(fc.string({ maxLength: 20 }), fc.nat(15)), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { minLength: 1, maxLength: 4 }),
      fc.oneof(fc.integer({ min: 20, max: 100 }), fc.constant(1 << 18)),
      async (frames, size) => {
        const bytes = frames.flatMap(({ text, checksum, before }) => [
          ...(before === undefined ? [] : [skippable(Buffer.from(before[0]).toString('latin1'), before[1])]),
          zstdCompressSync(Buffer.from(text), {
            params: { [constants.ZSTD_c_checksumFlag]: checksum ? 1 : 0 },
          }),
        ]);
        const whole = Buffer.concat(bytes);
        const expected = frames.map(({ text }) => Buffer.from(text).toString('latin1')).join('');
        assert.equal(await unpacked(whole, size), expected);
      },
    ),
    { numRuns: 40 },
  );
});

test('a zstd stream that ends early, or goes on with something else, is no whole one', async () => {
  const whole = Buffer.concat([zstdCompressSync(Buffer.from('one')), skippable('between')]);
  for (let length = 0; length < whole.length; length++) {
    const atEnd = length === whole.length - skippable('between').length;
    if (!atEnd) await assert.rejects(unpacked(whole.subarray(0, length), 1000), `${length} bytes`);
  }
  await assert.rejects(unpacked(Buffer.concat([whole, Buffer.from('rest')]), 1000));
  assert.equal(await unpacked(whole, 1000), 'one');
});

test('gzip streams of several members, and with zeros behind them', async () => {
  const members = Buffer.concat([gzipSync('one '), gzipSync('two')]);
  assert.equal(await unpacked(members, 1000, 'gzip'), 'one two');
  assert.equal(await unpacked(Buffer.concat([members, Buffer.alloc(512)]), 7, 'gzip'), 'one two');
  await assert.rejects(unpacked(members.subarray(0, -1), 1000, 'gzip'));
});
