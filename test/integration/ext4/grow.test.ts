// An image grows online to 64 GiB in a guest, and is sound before and after. Needs qemu-system-x86, musl-tools,
// linux-libc-dev and e2fsprogs.
import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeCpio } from '../../../engine/src/guest/cpio.ts';
import { testKernel } from '../guest/kernel.ts';
import { checkImage, makeImage, run, scratch } from './tools.ts';

const GIB = 1024 ** 3;

/** The kernel's modules, and an archive with the program as /init behind them. */
async function makeInitrd(folder: string, modules: Buffer): Promise<string> {
  const program = join(folder, 'init');
  const headers = [
    '-idirafter',
    '/usr/include',
    '-idirafter',
    `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`,
  ];
  await run(
    'musl-gcc',
    '-static',
    '-O1',
    ...headers,
    '-o',
    program,
    join(import.meta.dirname, 'grow-guest.c'),
  );
  const own = encodeCpio([
    { name: 'dev', mode: 0o040755 },
    { name: 'disk', mode: 0o040755 },
    { name: 'init', mode: 0o100755, content: await readFile(program) },
  ]);
  const initrd = join(folder, 'initrd');
  await writeFile(initrd, Buffer.concat([modules, own]));
  return initrd;
}

test('an image grows online to 64 GiB', async () => {
  const { vmlinux, modulesCpio } = await testKernel();
  assert.ok(modulesCpio !== undefined);
  await using folder = await scratch();
  const image = join(folder.path, 'image');
  await makeImage(image, async (writer) => {
    const meta = { mode: 0o644, uid: 0, gid: 0, mtime: { seconds: 1, nanoseconds: 0 } };
    for (let index = 0; index < 20_000; index++)
      await writer.file(`d/${index}`, meta, 4, [Buffer.from('data')]);
  });
  assert.deepEqual(await checkImage(image), []);
  await truncate(image, 64 * GIB);
  const initrd = await makeInitrd(folder.path, await readFile(modulesCpio));
  const output = await run(
    'qemu-system-x86_64',
    ...['-accel', 'tcg', '-m', '512', '-nographic', '-no-reboot', '-nodefaults', '-serial', 'stdio'],
    ...['-kernel', vmlinux, '-initrd', initrd, '-append', 'console=ttyS0 quiet panic=-1'],
    ...['-drive', `file=${image},format=raw,if=virtio`],
  );
  assert.match(output, /GROWN to 1\d{7}/);
  assert.match(output, /GROW done/);
  assert.deepEqual(await checkImage(image), []);
});
