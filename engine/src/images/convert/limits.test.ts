// Limits hold over all layers together, and over what little bytes stand for.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type TarInput, writeTar } from '@ignite/archive';
import { createExt4Writer, type ImageSink } from '@ignite/ext4';
import type { JobLayer, JobLimits } from '../../worker/messages.ts';
import { mergeLayers } from './convert.ts';

const MIB = 1 << 20;

const limits: JobLimits = {
  maxEntries: 1000,
  maxUnpackedBytes: 64 * MIB,
  maxRatio: 200,
  ratioFreeBytes: 3 * MIB,
  devices: 'allow',
};

async function tar(...entries: TarInput[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeTar(entries)) pieces.push(piece);
  return Buffer.concat(pieces);
}

const zeros = (name: string, size: number): TarInput => ({
  type: 'file',
  name,
  size,
  content: [Buffer.alloc(size)],
});

/** An empty file made to be one of GNU's sparse files: nothing but a hole (GNU tar manual, "Old GNU Format"). */
async function hole(name: string, size: number): Promise<Buffer> {
  const bytes = await tar({ type: 'file', name });
  bytes.write('S', 156, 'latin1');
  bytes.write('ustar  \0', 257, 'latin1');
  bytes.fill(0, 329, 512);
  bytes.write(size.toString(8).padStart(11, '0'), 483, 'latin1');
  bytes.fill(0x20, 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

const sink: ImageSink = { write: async () => {}, read: async () => {} };

async function merge(layers: readonly { readonly plain: Buffer; readonly packed: Buffer }[]): Promise<void> {
  const id = Buffer.alloc(16);
  const writer = createExt4Writer({ sink, label: '', uuid: id, hashSeed: id, epochSeconds: 0 });
  const job = {
    kind: 'convert' as const,
    layers: layers.map(
      ({ plain, packed }, index): JobLayer => ({
        digest: `layer ${index}`,
        compression: packed === plain ? 'none' : 'gzip',
        size: packed.length,
        diffId: `sha256:${createHash('sha256').update(plain).digest('hex')}`,
      }),
    ),
    limits,
    label: '',
    uuid: '',
    hashSeed: '',
  };
  await mergeLayers(
    job,
    layers.map(({ packed }) => stream(packed)),
    writer,
  );
}

async function* stream(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const plain = (bytes: Buffer) => ({ plain: bytes, packed: bytes });
const packed = (bytes: Buffer) => ({ plain: bytes, packed: gzipSync(bytes) });

test('files of nothing but holes count with their size', async () => {
  await merge([plain(await hole('one', 30 * MIB)), plain(await hole('two', 30 * MIB))]);
  const three = ['one', 'two', 'three'].map(async (name) => plain(await hole(name, 30 * MIB)));
  await assert.rejects(merge(await Promise.all(three)), {
    code: 'images/too-large',
    message: /holes included/,
  });
});

test('many layers that are small enough each are a bomb together', async () => {
  const layer = async (name: string) => packed(await tar(zeros(name, 2 * MIB)));
  await merge([await layer('one')]);
  await assert.rejects(merge([await layer('one'), await layer('two')]), {
    code: 'images/too-large',
    message: /layers up to layer 1 unpack to more than 200 times/,
  });
});
