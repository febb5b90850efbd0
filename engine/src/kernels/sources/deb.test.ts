import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIgniteError } from '@ignite/api';
import { makeDeb } from '../testing.ts';
import { isDeb, unpackKernelDeb } from './deb.ts';

const signal = new AbortController().signal;

async function unpack(deb: Buffer, look: (folder: string, files: number) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-deb-'));
  try {
    await look(folder, await unpackKernelDeb(deb, folder, signal));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('only the kernel, its configuration and its modules are written, inside the folder', async () => {
  const deb = await makeDeb({
    './boot/vmlinuz-6.1': Buffer.from('kernel'),
    './boot/config-6.1': Buffer.from('config'),
    './boot/System.map-6.1': Buffer.from('map'),
    './usr/lib/modules/6.1/kernel/x.ko': Buffer.from('x'),
    '../../../lib/modules/6.1/modules.order': Buffer.from('order'),
    './etc/passwd': Buffer.from('no'),
  });
  assert.ok(isDeb(deb));
  await unpack(deb, async (folder, files) => {
    assert.equal(files, 4);
    const names = await readdir(folder, { recursive: true });
    assert.deepEqual(names.filter((name) => /\.(ko|order)$|-6\.1$/.test(name)).toSorted(), [
      'boot/config-6.1',
      'boot/vmlinuz-6.1',
      'lib/modules/6.1/kernel/x.ko',
      'lib/modules/6.1/modules.order',
    ]);
    assert.equal(await readFile(join(folder, 'boot/vmlinuz-6.1'), 'utf8'), 'kernel');
  });
});

test('odd names are refused', async () => {
  const deb = await makeDeb({ './lib/modules/6.1/a b.ko': Buffer.from('x') });
  await assert.rejects(
    unpack(deb, async () => {}),
    (error) => isIgniteError(error, 'kernels/corrupt'),
  );
});

test('cut and changed packages end in an error of the catalogue or unpack', async () => {
  const deb = await makeDeb({ './boot/vmlinuz-6.1': Buffer.from('kernel') });
  await fc.assert(
    fc.asyncProperty(fc.nat(deb.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(deb);
      changed[at] = (changed[at] ?? 0) ^ flip;
      for (const bytes of [changed, deb.subarray(0, at)]) {
        await unpack(bytes, async () => {}).catch((error: unknown) => {
          if (!isIgniteError(error)) throw error;
        });
      }
    }),
    { numRuns: 60 },
  );
});
