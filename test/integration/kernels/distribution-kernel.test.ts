// The distribution's kernel, from the real archive to a booted machine: apt, the drive as e2fsck and kmod see it, and
// the load order as a Linux kernel under QEMU sees it. Needs apt, e2fsprogs, kmod, qemu-system-x86, busybox-static.
import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { isIgniteError, type Progress } from '@ignite/api';
import { type Commands, hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import type { Images } from '../../../engine/src/images/port.ts';
import {
  createKernels,
  type KernelRecord,
  makeModuleIndexes,
  readModuleTree,
  unpackKernelDeb,
} from '../../../engine/src/kernels/index.ts';
import { createWorkers } from '../../../engine/src/worker/index.ts';
import { writeCpio } from '../../../engine/src/kernels/modules/cpio.ts';

const CACHE = join(import.meta.dirname, '../../../.cache/kernels');
const commands = hostCommands();
/** The worker's own user, as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const signal = AbortSignal.timeout(3_600_000);
let folder: string;
let kernel: KernelRecord;
let deb: string;
const told: Progress[] = [];

/** Runs apt, but takes a package that was downloaded before from the cache. */
const cachingApt: Commands = {
  run: async (argv, options) => {
    if (!argv.includes('download')) return await commands.run(argv, options);
    const target = options?.cwd ?? folder;
    const wanted = (argv.at(-1) ?? '').replace('=', '_').replaceAll(':', '%3a');
    const cached = (await readdir(CACHE)).find(
      (name) => name.startsWith(`${wanted}_`) && name.endsWith('.deb'),
    );
    const result =
      cached === undefined ? await commands.run(argv, options) : { code: 0, stdout: '', stderr: '' };
    if (cached !== undefined) await copyFile(join(CACHE, cached), join(target, cached));
    for (const name of await readdir(target)) {
      const part = join(CACHE, `${name}.${process.pid}.tmp`); // others read the cache at the same time
      await copyFile(join(target, name), part);
      await rename(part, join(CACHE, name));
      deb = join(CACHE, name);
    }
    return result;
  },
};

before(async () => {
  await mkdir(CACHE, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'ignite-kernels-it-'));
  kernel = await createKernels({
    directory: join(folder, 'kernels'),
    scratch: join(folder, 'imports'),
    commands: cachingApt,
    clock: hostClock(),
    images: { exportFiles: () => Promise.reject(new Error('no images here')) } as unknown as Images,
    workers: createWorkers({ user: NOBODY, memoryBytes: 1 << 30, atOnce: 1, commands: hostCommands() }),
    config: {},
    architecture: 'amd64',
    osRelease: await readFile('/etc/os-release', 'utf8'),
  }).ensure(undefined, { pull: 'missing', report: (progress) => void told.push(progress), signal });
});
after(() => rm(folder, { recursive: true, force: true }));

test('apt gives the kernel that the metapackage depends on, and one line says so', async () => {
  assert.match(kernel.reference, /^apt:linux-image-\d/);
  assert.ok(kernel.reference.endsWith(kernel.version));
  assert.equal(told.filter((each) => each.kind === 'note').length, 1);
  assert.equal(kernel.features.pvh, true);
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
});

test('e2fsck finds nothing on the modules drive', async () => {
  const { stdout } = await commands.run(['e2fsck', '-fn', kernel.modulesDrive ?? ''], { signal });
  const lines = stdout.split('\n').filter((line) => line !== '');
  assert.equal(lines.filter((line) => !/^Pass \d/.test(line)).length, 1, stdout);
});

test('our indexes are those of depmod, and modprobe finds its way with them', async () => {
  const root = join(folder, 'root');
  await unpackKernelDeb(await readFile(deb), root, signal);
  const modules = join(root, 'lib/modules', kernel.version);
  await commands.run(['depmod', '-b', root, kernel.version], { signal, timeoutMs: 600_000 });
  const indexes = makeModuleIndexes(await readModuleTree(modules, join(folder, 'unpacked'), signal));
  for (const name of ['modules.alias.bin', 'modules.builtin.bin', 'modules.builtin.alias.bin']) {
    assert.ok(indexes.get(name)?.equals(await readFile(join(modules, name))), name);
  }
  const needs = (text: string) =>
    new Map(text.split('\n').map((line) => [line.split(':')[0], line.split(/:? /).toSorted().join()]));
  const theirs = needs(await readFile(join(modules, 'modules.dep'), 'utf8'));
  assert.deepEqual(needs(indexes.get('modules.dep')?.toString() ?? ''), theirs);
  for (const [name, content] of indexes) await writeFile(join(modules, name), content);
  const shown = await commands.run(
    ['modprobe', '-d', root, '-S', kernel.version, '--show-depends', 'nf_tables'],
    { signal },
  );
  assert.match(shown.stdout, /nfnetlink\.ko[\s\S]*nf_tables\.ko/);
});

const INIT = `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for list in modules modules-later; do
  while read name; do /bin/busybox insmod /ignite/mod/$name || echo "IGNITE FAILED $name"; done < /ignite/$list
done
/bin/busybox mkdir -p /lib/modules
/bin/busybox mount -t ext4 -o ro /dev/vda /lib/modules && echo "IGNITE mounted"
/bin/busybox mount -t proc proc /proc
/bin/busybox modprobe nf_tables && echo "IGNITE modprobe"
echo "IGNITE $(/bin/busybox uname -r)"
/bin/busybox poweroff -f
`;

test('the kernel boots, loads the modules in the order listed, and modprobe works from the drive', async () => {
  const busybox = await readFile('/bin/busybox');
  const own = writeCpio([
    ...['bin', 'dev', 'proc', 'lib'].map((name) => ({ name, mode: 0o040755 })),
    { name: 'bin/busybox', mode: 0o100755, content: busybox },
    { name: 'sbin', mode: 0o120777, content: Buffer.from('bin') },
    { name: 'init', mode: 0o100755, content: Buffer.from(INIT) },
  ]);
  const initrd = join(folder, 'initrd');
  await writeFile(initrd, Buffer.concat([await readFile(kernel.modulesCpio ?? ''), own]));
  const drive = `file=${kernel.modulesDrive ?? ''},format=raw,if=none,id=m,readonly=on`;
  const { stdout } = await commands.run(
    [
      ...([
        'qemu-system-x86_64',
        '-M',
        'q35',
        '-accel',
        'tcg',
        '-cpu',
        'max',
        '-m',
        '256',
        '-nodefaults',
      ] as const),
      ...['-no-user-config', '-display', 'none', '-serial', 'stdio', '-no-reboot'],
      ...['-kernel', kernel.vmlinux, '-initrd', initrd, '-append', 'console=ttyS0 quiet panic=-1'],
      ...['-drive', drive, '-device', 'virtio-blk-pci,drive=m'],
    ],
    { signal, timeoutMs: 900_000 },
  );
  const said = stdout.match(/IGNITE [^\r\n]*/g);
  assert.deepEqual(
    said,
    ['IGNITE mounted', 'IGNITE modprobe', `IGNITE ${kernel.version}`],
    stdout.slice(-2000),
  );
});

test('a package that nobody has is not found, and the host’s lists stay as they are', async () => {
  const ran: (readonly string[])[] = [];
  const watched: Commands = {
    run: (argv, options) => {
      ran.push(argv);
      return commands.run(argv, options);
    },
  };
  const room = createKernels({
    directory: join(folder, 'kernels'),
    scratch: join(folder, 'imports'),
    commands: watched,
    clock: hostClock(),
    images: { exportFiles: () => Promise.reject(new Error('no images here')) } as unknown as Images,
    workers: createWorkers({ user: NOBODY, memoryBytes: 1 << 30, atOnce: 1, commands: hostCommands() }),
    config: {},
    architecture: 'amd64',
    osRelease: '',
  });
  const image = { pull: 'missing', report: () => {}, signal } as const;
  await assert.rejects(room.import('apt:linux-image-nobody-has', { ...image, image }), (e) =>
    isIgniteError(e, 'kernels/not-found'),
  );
  // Not looked at by themselves: timers of the host may fetch them at any time.
  const updates = ran.filter((argv) => argv.includes('update'));
  assert.equal(updates.length, 1);
  const own = `Dir::State::lists=${join(folder, 'imports')}`;
  assert.ok(
    updates.every((argv) => argv.some((word) => word.startsWith(own))),
    JSON.stringify(updates),
  );
  assert.equal(basename(kernel.vmlinux), 'vmlinux');
});
