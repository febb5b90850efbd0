// Layers made to do harm: nothing outside the image is touched, every fault is an error that names it and leaves nothing.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type ErrorCode, IgniteError } from '@ignite/api';
import type { TarInput } from '@ignite/archive';
import {
  buildImage,
  directory,
  file,
  type LayerInput,
  ociArchive,
  symlink,
  tarOf,
} from '../../images/index.ts';
import { assertClean, debugfs, openStore, request, type Store } from './fixture.ts';

async function load(store: Store, layers: readonly LayerInput[]) {
  const archive = await ociArchive(await buildImage({ layers }), 'hostile:1');
  const [record] = await store.images.load({ kind: 'archive', stream: once(archive) }, request());
  assert.ok(record !== undefined);
  return record;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function refused(layers: readonly LayerInput[], code: ErrorCode, limits = {}): Promise<string> {
  await using store = await openStore({ limits });
  const before = await store.files();
  const error = await load(store, layers).catch((cause: unknown) => cause);
  assert.ok(error instanceof IgniteError, String(error));
  assert.equal(error.code, code, `${error.code} ${error.message} ${String(error.cause)}`);
  assert.deepEqual(await store.files(), before);
  return `${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`;
}

test('names that try to leave stay inside the image', async () => {
  await using store = await openStore();
  const record = await load(store, [
    {
      entries: [
        file('../../tmp/ignite-escaped-1', 'a'),
        file('/tmp/ignite-escaped-2', 'b'),
        symlink('link', '/tmp'),
        file('link/ignite-escaped-3', 'c'),
        symlink('up', '../../../../tmp'),
        file('up/ignite-escaped-4', 'd'),
        { type: 'character', name: 'dev/null', deviceMajor: 1, deviceMinor: 3, mode: 0o666 },
        { type: 'fifo', name: 'pipe' },
        file('setuid', 'x', { mode: 0o4755, uid: 1234, gid: 4321 }),
        { type: 'hardlink', name: 'hard', linkName: './setuid' },
      ],
    },
  ]);
  await assertClean(record.base.path);
  const inside = await debugfs(record.base.path, 'ls /tmp');
  for (const n of [1, 2, 3, 4]) {
    assert.match(inside, new RegExp(`ignite-escaped-${n}`));
    assert.equal(existsSync(`/tmp/ignite-escaped-${n}`), false);
  }
  assert.match(await debugfs(record.base.path, 'stat /setuid'), /Links: 2[\s\S]*|User: +1234/);
});

test('a later entry replaces an earlier one; whiteouts spare their own layer', async () => {
  await using store = await openStore();
  const record = await load(store, [
    { entries: [file('a', '1'), file('a', '2'), directory('d'), file('d/old', 'x')] },
    {
      entries: [
        file('d/new', 'y'),
        file('d/.wh..wh..opq', ''),
        file('.wh.nothing', ''),
        file('.wh..wh.aufs', ''),
      ],
    },
  ]);
  await assertClean(record.base.path);
  assert.equal(await debugfs(record.base.path, 'cat /a'), '2');
  const names = await debugfs(record.base.path, 'ls /d');
  assert.match(names, /new/);
  assert.doesNotMatch(names, /old/);
});

test('faults in layers', async () => {
  const cases: readonly (readonly [string, LayerInput, ErrorCode, RegExp])[] = [
    [
      'hard link to nothing',
      { entries: [{ type: 'hardlink', name: 'h', linkName: 'missing' }] },
      'images/bad-layer',
      /"h"/,
    ],
    ['whiteout of nothing', { entries: [file('a/.wh.', '')] }, 'images/bad-layer', /a\/\.wh\./],
    ['whiteout of the root', { entries: [file('.wh..', '')] }, 'images/bad-layer', /\.wh\.\./],
    [
      'truncated',
      { tar: (await tarOf([file('big', Buffer.alloc(5000))])).subarray(0, 2000) },
      'images/bad-layer',
      /big|archive/,
    ],
    ['garbage', { tar: Buffer.alloc(2048, 0x41) }, 'images/bad-layer', /layer/],
    [
      'not gzip',
      {
        tar: await tarOf([file('a', 'b')]),
        compression: 'none',
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      },
      'images/bad-layer',
      /gzip/,
    ],
    [
      'foreign layer',
      { entries: [], mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' },
      'images/unknown-layer-type',
      /foreign/,
    ],
    [
      'another type',
      { entries: [], mediaType: 'application/x-squashfs' },
      'images/unknown-layer-type',
      /squashfs/,
    ],
  ];
  for (const [name, layer, code, words] of cases) assert.match(await refused([layer], code), words, name);
});

test('a NUL in a name', async () => {
  // A PAX record is the one place where a NUL can stand in a name.
  const record = Buffer.from('13 path=a\0bc\n', 'latin1');
  const header = Buffer.from((await tarOf([file('PaxHeaders/a', record)])).subarray(0, 1024));
  header[156] = 'x'.charCodeAt(0);
  fixChecksum(header);
  const tar = Buffer.concat([header, await tarOf([file('a', 'b')])]);
  assert.match(await refused([{ tar }], 'images/bad-layer'), /NUL/);
});

test('devices: numbers that no kernel has, and those that the Configuration forbids', async () => {
  const device = (name: string, deviceMajor: number, deviceMinor: number): TarInput => ({
    type: 'block',
    name,
    deviceMajor,
    deviceMinor,
    mode: 0o600,
  });
  assert.match(await refused([{ entries: [device('dev/odd', 5000, 0)] }], 'images/bad-layer'), /dev\/odd/);
  const forbidden = [{ entries: [device('dev/sda', 8, 0)] }];
  assert.match(
    await refused(forbidden, 'images/bad-layer', { devices: 'refuse' }),
    /dev\/sda.*8:0 is forbidden/,
  );
  await using store = await openStore({ limits: { devices: 'refuse' } });
  const usual: TarInput = {
    type: 'character',
    name: 'dev/null',
    deviceMajor: 1,
    deviceMinor: 3,
    mode: 0o666,
  };
  await assertClean((await load(store, [{ entries: [usual] }])).base.path);
});

test('limits: entries, bytes, ratio', async () => {
  const many = Array.from({ length: 30 }, (_, n) => file(`f${n}`, ''));
  assert.match(await refused([{ entries: many }], 'images/too-large', { maxEntries: 20 }), /20 entries/);
  const big = { entries: [file('zeros', Buffer.alloc(8 << 20))] };
  assert.match(
    await refused([big], 'images/too-large', { maxUnpackedBytes: 4 << 20 }),
    /unpacked bytes|limit/,
  );
  assert.match(await refused([big], 'images/too-large', { ratioFreeBytes: 1 << 20, maxRatio: 10 }), /bomb/);
});

test('a layer that is not what its configuration promises', async () => {
  const image = await buildImage({ layers: [{ entries: [file('a', 'b')] }] });
  const other = await buildImage({ layers: [{ entries: [file('a', 'c')] }] });
  const mixed = { ...image, config: other.config };
  const bytes = Buffer.from(
    Buffer.from(image.manifest.bytes)
      .toString()
      .replace(image.config.digest, other.config.digest)
      .replace(`"size":${image.config.size}`, `"size":${other.config.size}`),
  );
  const { sha256 } = await import('../../images/index.ts');
  const manifest = { ...image.manifest, bytes, size: bytes.length, digest: sha256(bytes) };
  const archive = await ociArchive({ ...mixed, manifest }, 'x:1');
  await using store = await openStore();
  await assert.rejects(
    store.images.load({ kind: 'archive', stream: once(archive) }, request()),
    (error) => error instanceof IgniteError && error.code === 'images/digest-mismatch',
  );
});

test('trailing bytes after the end of the archive are part of the layer', async () => {
  await using store = await openStore();
  const tar = Buffer.concat([await tarOf([file('a', 'b')]), Buffer.alloc(20480)]);
  await assertClean((await load(store, [{ tar }])).base.path);
  assert.ok(gzipSync(tar).length > 0);
});

function fixChecksum(header: Buffer): void {
  header.fill(' ', 148, 156);
  let sum = 0;
  for (const byte of header.subarray(0, 512)) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}
