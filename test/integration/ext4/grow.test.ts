// An image grows online to 64 GiB in a guest, and is sound before and after. Needs qemu-system-x86, musl-tools,
// e2fsprogs and a kernel (IGNITE_TEST_VMLINUX, IGNITE_TEST_MODULES).
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { encodeCpio } from '../../../engine/src/guest/cpio.ts';
import { findTestKernel } from '../guest/kernel.ts';
import { checkImage, makeImage, run, scratch } from './tools.ts';

const kernel = findTestKernel();
const skip = kernel === undefined ? 'no kernel: set IGNITE_TEST_VMLINUX and IGNITE_TEST_MODULES' : false;
const MODULES = [
  'virtio_ring',
  'virtio',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'virtio_blk',
];
const GIB = 1024 ** 3;

/** An initrd that holds the program as /init and the modules in the order they load. */
async function makeInitrd(folder: string, modules: string): Promise<string> {
  const program = join(folder, 'init');
  await run(
    'musl-gcc',
    '-static',
    '-O1',
    '-idirafter',
    '/usr/include',
    '-idirafter',
    '/usr/include/x86_64-linux-gnu',
    '-o',
    program,
    join(import.meta.dirname, 'grow-guest.c'),
  );
  const files = await readdir(modules, { recursive: true });
  const entries = [
    { name: 'dev', mode: 0o040755 },
    { name: 'disk', mode: 0o040755 },
    { name: 'modules', mode: 0o040755 },
    { name: 'init', mode: 0o100755, content: await readFile(program) },
  ];
  for (const [index, name] of MODULES.entries()) {
    const found = files.find((file) => basename(file) === `${name}.ko`);
    if (found === undefined) continue;
    entries.push({
      name: `modules/${index}.ko`,
      mode: 0o100644,
      content: await readFile(join(modules, found)),
    });
  }
  const initrd = join(folder, 'initrd');
  await writeFile(initrd, encodeCpio(entries));
  return initrd;
}

test('an image grows online to 64 GiB', { skip }, async () => {
  assert.ok(kernel !== undefined && existsSync(kernel.vmlinux));
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  await makeImage(image, async (writer) => {
    const meta = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };
    for (let index = 0; index < 20_000; index++)
      await writer.file(`d/${index}`, meta, 4, [Buffer.from('data')]);
  });
  assert.deepEqual(await checkImage(image), []);
  await truncate(image, 64 * GIB);
  const initrd = await makeInitrd(folder.path, kernel.modules);
  const output = await run(
    'qemu-system-x86_64',
    ...['-accel', 'tcg', '-m', '512', '-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio'],
    ...['-kernel', kernel.vmlinux, '-initrd', initrd, '-append', 'console=ttyS0 quiet panic=-1'],
    ...['-drive', `file=${image},format=raw,if=virtio`],
  );
  assert.match(output, /GROWN to 1\d{7}/);
  assert.match(output, /GROW done/);
  assert.deepEqual(await checkImage(image), []);
});
