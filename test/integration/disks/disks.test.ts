// Disks against the real qemu-img, and a clone on a real xfs where the host can mount one (root, xfsprogs).
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { createDisks } from '../../../engine/src/disks/index.ts';
import { hostCommands } from '../../../engine/src/host/index.ts';

const signal = AbortSignal.timeout(1_200_000);
const commands = hostCommands();
const disks = createDisks({ commands });
let folder: string;
let base: string;
const content = randomBytes(300_000);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-disks-it-'));
  base = join(folder, 'base.ext4');
  await writeFile(base, content);
  await using file = await open(base, 'r+');
  await file.truncate(8 << 20);
});
after(() => rm(folder, { recursive: true, force: true }));

test('qemu-img finds nothing to complain about and reads the base through the disk', async () => {
  for (const [index, bytes] of [4 * 1024 ** 3, 512 * 1024 ** 2, 5 * 1024 ** 4, 16 * 1024 ** 4].entries()) {
    const disk = await disks.create(
      { base, directory: folder, index, bytes, formats: ['raw', 'qcow2'] },
      signal,
    );
    assert.equal(disk.means, 'qcow2');
    const check = await commands.run(['qemu-img', 'check', '-f', 'qcow2', disk.path], { signal });
    assert.match(check.stdout, /^No errors were found on the image\.\n/);
    const info = JSON.parse(
      (await commands.run(['qemu-img', 'info', '--output=json', '--backing-chain', disk.path], { signal }))
        .stdout,
    );
    assert.equal(info[0]['virtual-size'], bytes);
    assert.equal(info[0]['full-backing-filename'], base);
    assert.equal(info[0]['backing-filename-format'], 'raw');
    assert.equal(info[1].format, 'raw');
    await disks.remove(disk);
  }
});

test('what is written to a qcow2 disk stays in it, also after it has grown', async () => {
  const made = await disks.create(
    { base, directory: folder, index: 7, bytes: 64 << 20, formats: ['qcow2'] },
    signal,
  );
  const disk = await disks.grow(made, 6 * 1024 ** 4, signal);
  const io = ['write -P 0x5a 1M 64k', 'write -P 0x5b 5T 64k', 'read -v 0 16'].flatMap((c) => ['-c', c]);
  await commands.run(['qemu-io', '-f', 'qcow2', ...io, disk.path], { signal });
  await commands.run(['qemu-img', 'check', '-f', 'qcow2', disk.path], { signal });
  const raw = join(folder, 'head.raw');
  await commands.run(
    ['qemu-img', 'dd', '-f', 'qcow2', '-O', 'raw', 'bs=1M', 'count=2', `if=${disk.path}`, `of=${raw}`],
    {
      signal,
    },
  );
  const head = await readFile(raw);
  assert.ok(head.subarray(0, content.length).equals(content));
  assert.ok(head.subarray(1 << 20, (1 << 20) + 65_536).equals(Buffer.alloc(65_536, 0x5a)));
  assert.ok(content.equals((await readFile(base)).subarray(0, content.length)), 'the base is untouched');
});

test('on xfs the disk is a clone; on a full file system the error says so', async (t) => {
  const image = join(folder, 'xfs.img');
  const mountPoint = join(folder, 'xfs');
  await mkdir(mountPoint);
  await using file = await open(image, 'w');
  await file.truncate(320 << 20);
  try {
    await commands.run(['mkfs.xfs', '-q', image], { signal });
    await commands.run(['mount', '-o', 'loop', image, mountPoint], { signal });
  } catch (error) {
    t.skip(`no xfs here: ${error instanceof Error ? error.message : ''}`);
    return;
  }
  try {
    const own = join(mountPoint, 'base.ext4');
    await writeFile(own, content);
    const disk = await disks.create(
      { base: own, directory: mountPoint, index: 0, bytes: 1 << 30, formats: ['raw', 'qcow2'] },
      signal,
    );
    assert.equal(disk.means, 'reflink');
    assert.ok((await readFile(own)).equals(content));
    await disks.remove(disk);

    const big = join(folder, 'big.ext4');
    await writeFile(big, Buffer.alloc(400 << 20, 1));
    const full = disks.create(
      { base: big, directory: mountPoint, index: 1, bytes: 1, formats: ['raw'] },
      signal,
    );
    await assert.rejects(full, (e) => isIgniteError(e, 'host/disk-full'));
  } finally {
    await commands.run(['umount', mountPoint]);
  }
});
