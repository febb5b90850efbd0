// Disks against the real qemu-img, and clones on a real xfs and btrfs where the host can mount them (root).
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
  await disks.grow({ ...disk, backing: base }, 7 * 1024 ** 4, signal); // QEMU has written its header since
});

test('a disk into whose header its VMM has written another file is not enlarged, and so that file is not', async () => {
  const size = { base, directory: folder, index: 9, bytes: 64 << 20, formats: ['qcow2'] } as const;
  const disk = await disks.create(size, signal);
  const victim = join(folder, 'victim');
  const options = `data_file=${victim},backing_file=${base},backing_fmt=raw`;
  await commands.run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-o', options, disk.path, '64M'], {
    signal,
  });
  await writeFile(victim, 'of the host');
  await assert.rejects(disks.grow(disk, 128 << 20, signal), { code: 'disks/failed' });
  assert.equal(await readFile(victim, 'utf8'), 'of the host');
});

/** File systems that share blocks between files, and the least each can be made with. */
const SHARING = [
  { name: 'xfs', make: ['mkfs.xfs', '-q'], mebibytes: 320 },
  { name: 'btrfs', make: ['mkfs.btrfs', '-q'], mebibytes: 320 },
] as const;

/** Mounts a new file system, or says why that cannot be done here. */
async function mounted(file: string, { name, make, mebibytes }: (typeof SHARING)[number]) {
  const point = join(folder, name);
  await mkdir(point);
  await using image = await open(file, 'w');
  await image.truncate(mebibytes << 20);
  try {
    await commands.run([...make, file], { signal });
    await commands.run(['mount', '-t', name, '-o', 'loop', file, point], { signal });
  } catch (error) {
    return { reason: `no ${name} here: ${error instanceof Error ? error.message : ''}` };
  }
  return { point, [Symbol.asyncDispose]: async () => void (await commands.run(['umount', point])) };
}

for (const kind of SHARING)
  test(`on ${kind.name} the disk is a clone of its own; on a full file system the error says so`, async (t) => {
    const place = await mounted(join(folder, `${kind.name}.img`), kind);
    if ('reason' in place) return t.skip(place.reason);
    await using _ = place;
    const own = join(place.point, 'base.ext4');
    await writeFile(own, content);
    const input = {
      base: own,
      directory: place.point,
      index: 0,
      bytes: 1 << 30,
      formats: ['raw', 'qcow2'],
    } as const;
    const disk = await disks.create(input, signal);
    assert.equal(disk.means, 'reflink');
    assert.equal(disk.format, 'raw');
    await using written = await open(disk.path, 'r+');
    await written.write(Buffer.alloc(4096, 0x5a), 0, 4096, 0);
    await written.sync();
    assert.ok((await readFile(own)).equals(content), 'the base is untouched');
    const { size, mode } = await stat(disk.path);
    assert.deepEqual({ size, mode: mode & 0o777 }, { size: 1 << 30, mode: 0o600 });
    await disks.remove(disk);

    const big = join(folder, `${kind.name}-big.ext4`);
    await writeFile(big, Buffer.alloc(400 << 20, 1));
    const full = disks.create({ ...input, base: big, index: 1, bytes: 1, formats: ['raw'] }, signal);
    await assert.rejects(full, (e) => isIgniteError(e, 'host/disk-full'));
    assert.deepEqual((await readdir(place.point)).sort(), ['base.ext4']);
  });
