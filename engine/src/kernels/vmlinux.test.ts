import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIgniteError } from '@ignite/api';
import { readFeatures } from './features.ts';
import { makeBzImage, makeElf, makeVmlinux } from './testing.ts';
import { readKernel } from './vmlinux.ts';

test('a vmlinux tells version, architecture and PVH; so does a bzImage of it', () => {
  const vmlinux = makeVmlinux('6.12.3+deb13-amd64');
  for (const file of [vmlinux, makeBzImage(gzipSync(vmlinux)), gzipSync(vmlinux)]) {
    const kernel = readKernel(file, 'kernel');
    assert.ok(kernel.bytes.equals(vmlinux));
    assert.equal(kernel.version, '6.12.3+deb13-amd64');
    assert.equal(kernel.architecture, 'amd64');
    assert.equal(kernel.pvh, true);
  }
});

test('an arm64 Image is taken as it is', () => {
  const image = Buffer.alloc(256);
  image.writeUInt32LE(0x644d5241, 56);
  image.write('Linux version 6.6.1 (x)', 100, 'latin1');
  assert.equal(readKernel(image, 'Image').architecture, 'arm64');
});

test('what is no kernel is refused, whatever the bytes', () => {
  const notKernel = (error: unknown) => isIgniteError(error, 'kernels/not-a-kernel');
  assert.throws(() => readKernel(Buffer.from('#!/bin/sh\n'), 'x'), notKernel);
  assert.throws(() => readKernel(makeElf([]), 'x'), notKernel);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.boolean(), (bytes, elf) => {
      const file = elf ? Buffer.concat([makeVmlinux('6.1.0').subarray(0, 64), bytes]) : Buffer.from(bytes);
      assert.throws(
        () => readKernel(file, 'x'),
        (error) => isIgniteError(error),
      );
    }),
  );
});

test('features come from the configuration, beside the kernel or inside it', () => {
  const config = [
    '',
    'CONFIG_VIRTIO_BLK=y',
    'CONFIG_VIRTIO_NET=y',
    'CONFIG_VIRTIO_CONSOLE=y',
    'CONFIG_VIRTIO_PCI=y',
    'CONFIG_VIRTIO_MMIO=m',
    'CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y',
    '',
  ].join('\n');
  const wanted = { pvh: true, virtioMmioCmdline: false, virtioBuiltIn: true };
  assert.deepEqual(readFeatures(Buffer.alloc(0), config, true), wanted);
  const inside = Buffer.concat([Buffer.from('IKCFG_ST'), gzipSync(config), Buffer.from('IKCFG_ED')]);
  assert.deepEqual(readFeatures(inside, undefined, true), wanted);
  assert.deepEqual(readFeatures(Buffer.from('IKCFG_ST nothing IKCFG_ED'), undefined, false), { pvh: false });
});
