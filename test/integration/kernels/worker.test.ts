// Kernels as the daemon imports them: parsed in a process of its own, with a user of its own where we are root.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import { hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import type { Images } from '../../../engine/src/images/port.ts';
import { createKernels, type Kernels, type KernelsOptions } from '../../../engine/src/kernels/index.ts';
import { makeDeb, makeModule, makeVmlinux } from '../../../engine/src/kernels/testing.ts';
import { createWorkers, type Workers } from '../../../engine/src/worker/index.ts';

const VERSION = '6.1.0-worker';
const NOBODY = { uid: 65_534, gid: 65_534 };
const work = { report: () => {}, signal: AbortSignal.timeout(120_000) };
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-kernel-worker-'));
});
after(() => rm(folder, { recursive: true, force: true }));

function open(
  change: (workers: Workers) => Workers = (workers) => workers,
  more: Partial<KernelsOptions> = {},
): Kernels {
  const commands = hostCommands();
  return createKernels({
    directory: join(folder, 'kernels'),
    scratch: join(folder, 'imports'),
    commands,
    clock: hostClock(),
    images: { exportFiles: () => Promise.reject(new Error('no images here')) } as unknown as Images,
    workers: change(createWorkers({ user: NOBODY, memoryBytes: 1 << 30, atOnce: 1, commands })),
    config: {},
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    osRelease: '',
    ...more,
  });
}

const amd64 = process.arch === 'arm64' ? 'the made-up kernel is for amd64' : false;

test('what the worker writes is ours, and nobody changes it', { skip: amd64 }, async () => {
  const deb = await makeDeb({
    [`./boot/vmlinuz-${VERSION}`]: makeVmlinux(VERSION),
    [`./lib/modules/${VERSION}/kernel/virtio_blk.ko`]: makeModule({ depends: '' }),
  });
  const kernel = await open().load('k.deb', Readable.from([deb]), work);
  assert.equal(kernel.version, VERSION);
  assert.ok((await readFile(kernel.vmlinux)).equals(makeVmlinux(VERSION)));
  for (const path of [kernel.vmlinux, kernel.modulesCpio ?? '', kernel.modulesDrive ?? '']) {
    const { mode, uid } = await stat(path);
    assert.deepEqual([mode & 0o777, uid], [0o444, process.getuid?.()], path);
  }
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
});

test('the kernel of the host, which only root may read, by a daemon that lets nobody read', {
  skip: amd64,
}, async () => {
  const root = join(folder, 'host');
  const before = process.umask(0o077); // as the daemon's
  try {
    for (const [name, bytes] of [
      [`boot/vmlinuz-${VERSION}`, makeVmlinux(VERSION)],
      [`lib/modules/${VERSION}/kernel/virtio_blk.ko`, makeModule({ depends: '' })],
    ] as const) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), bytes);
    }
    const rooms = open(undefined, { host: { root, release: VERSION } });
    const images = { ...work, pull: 'missing' } as const;
    const kernel = await rooms.import('host:', { ...work, image: images });
    assert.equal(kernel.version, VERSION);
    assert.notEqual(kernel.modulesDrive, undefined);
  } finally {
    process.umask(before);
  }
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
});

test('what is wrong with a kernel comes back as the error it is, and leaves nothing', async () => {
  const before = await readdir(join(folder, 'kernels')).catch(() => []);
  for (const [bytes, code] of [
    [Buffer.from('no kernel'), 'kernels/not-a-kernel'],
    [await makeDeb({ './usr/share/doc/x': Buffer.from('x') }), 'kernels/no-vmlinux'],
  ] as const)
    await assert.rejects(open().load('bad', Readable.from([bytes]), work), (e) => isIgniteError(e, code));
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
  assert.deepEqual(await readdir(join(folder, 'kernels')).catch(() => []), before);
});

test('a worker that was started in a folder it does not own has no way to write there', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root gives the worker another user');
  const rooms = open((workers) => ({ ...workers, makeFolder: makeOwn }));
  await assert.rejects(rooms.load('bad', Readable.from([makeVmlinux(VERSION)]), work), (e) =>
    isIgniteError(e),
  );
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
});

async function makeOwn(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 });
}
