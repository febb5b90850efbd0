import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeModule } from '../testing.ts';
import { buildBootArchive } from './boot-archive.ts';
import { readModuleTree } from './module-tree.ts';

const signal = new AbortController().signal;

async function withFolder(files: Readonly<Record<string, Buffer>>, work: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-modules-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the archive lists the modules of a boot in load order, packed ones unpacked', async () => {
  const files = {
    'kernel/drivers/virtio/virtio.ko': makeModule({ name: 'virtio' }),
    'kernel/drivers/virtio/virtio_pci.ko.gz': gzipSync(makeModule({ depends: 'virtio' })),
    'kernel/drivers/block/virtio_blk.ko': makeModule({ depends: 'virtio' }),
    'kernel/drivers/char/hw_random/virtio-rng.ko': makeModule({ depends: 'virtio' }),
    'kernel/drivers/gpu/drm.ko': makeModule({}),
  };
  await withFolder(files, async (folder) => {
    const tree = await readModuleTree(folder, join(folder, 'scratch'), signal);
    assert.equal(tree.modules.length, 5);
    const cpio = (await buildBootArchive(tree))?.toString('latin1') ?? '';
    assert.ok(cpio.includes('virtio.ko\nvirtio_pci.ko\nvirtio_blk.ko\n'));
    assert.ok(cpio.includes('\0virtio_rng.ko\n'), 'the list of what can wait');
    assert.ok(!cpio.includes('drm'));
    assert.match(cpio, /TRAILER!!!\0+$/);
  });
});

test('a kernel with all of it built in needs no archive', async () => {
  await withFolder(
    { 'modules.builtin': Buffer.from('kernel/drivers/block/virtio_blk.ko\n') },
    async (folder) => {
      const tree = await readModuleTree(folder, join(folder, 'scratch'), signal);
      assert.equal(await buildBootArchive(tree), undefined);
      assert.ok(tree.builtIn.has('virtio_blk'));
    },
  );
});

test('the digest changes with any module', async () => {
  const digests: string[] = [];
  for (const name of ['a', 'b']) {
    await withFolder({ 'kernel/x.ko': makeModule({ alias: name }) }, async (folder) => {
      digests.push((await readModuleTree(folder, join(folder, 'scratch'), signal)).digest);
    });
  }
  assert.notEqual(digests[0], digests[1]);
});
