import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { IgniteError, isIgniteError, type Progress } from '@ignite/api';
import { packDirectory, writeTar } from '@ignite/archive';
import { type Commands, hostClock } from '../host/index.ts';
import type { ImageRequest, Images } from '../images/port.ts';
import { createKernels, type KernelsOptions } from './create-kernels.ts';
import { sweepKernels } from './store.ts';
import { inProcessWorkers, makeDeb, makeModule, makeVmlinux } from './testing.ts';

let folder: string;
let notes: Progress[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ignite-kernels-'));
  notes = [];
});
afterEach(() => rm(folder, { recursive: true }));

const VERSION = '6.1.0-56-cloud-amd64';
const PACKAGE = `linux-image-${VERSION}`;

function request(pull: ImageRequest['pull'] = 'missing'): ImageRequest {
  return { pull, report: (progress) => void notes.push(progress), signal: AbortSignal.timeout(120_000) };
}

function kernels(options: Partial<KernelsOptions> = {}) {
  return createKernels({
    directory: join(folder, 'kernels'),
    scratch: join(folder, 'imports'),
    commands: {
      run: () => Promise.reject(new IgniteError('host/program-missing', 'The program is not installed')),
    },
    clock: hostClock(),
    images: noImages,
    workers: inProcessWorkers(),
    config: {},
    architecture: 'amd64',
    osRelease: 'ID=debian\n',
    ...options,
  });
}

const noImages = {
  exportFiles: () => Promise.reject(new IgniteError('images/not-found', 'There is no such image')),
} as unknown as Images;

async function writeTree(root: string, version = VERSION): Promise<void> {
  const files: Record<string, Buffer> = {
    [`boot/vmlinux-${version}`]: makeVmlinux(version),
    [`boot/config-${version}`]: Buffer.from('\nCONFIG_VIRTIO_MMIO=m\n'),
    [`lib/modules/${version}/kernel/virtio_blk.ko`]: makeModule({ depends: '' }),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  await symlink(`/boot/vmlinux-${version}`, join(root, 'boot/vmlinux'));
}

function imagesWith(version: string, calls: string[] = []): Images {
  return {
    exportFiles: async (reference: string) => {
      calls.push(reference);
      const path = await mkdtemp(join(folder, 'export-'));
      await writeTree(path, version);
      return {
        path,
        manifestDigest: 'sha256:0',
        reference,
        [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
      };
    },
  } as unknown as Images;
}

/** apt of a distribution whose metapackage leads to PACKAGE. */
function fakeApt(ran: string[][] = []): Commands {
  return {
    run: async (argv, options) => {
      ran.push([...argv]);
      const result = (stdout: string) => ({ code: 0, stdout, stderr: '' });
      if (argv.includes('show')) {
        const name = argv.at(-1) ?? '';
        const depends = name === PACKAGE ? 'kmod' : `${PACKAGE} (= 1)`;
        return result(`Package: ${name}\nVersion: 1\nSize: 10\nDepends: ${depends}\n`);
      }
      const deb = await makeDeb({
        [`./boot/vmlinuz-${VERSION}`]: makeVmlinux(VERSION),
        [`./lib/modules/${VERSION}/kernel/virtio_blk.ko`]: makeModule({ depends: '' }),
        './usr/share/doc/x/copyright': Buffer.from('x'),
      });
      await writeFile(join(options?.cwd ?? '', 'kernel.deb'), deb);
      return result('');
    },
  };
}

test('an image gives kernel, boot modules, modules drive and features', async () => {
  const room = kernels({ images: imagesWith(VERSION) });
  const kernel = await room.ensure('weaveworks/ignite-kernel:6.1', request());
  assert.equal(kernel.reference, 'weaveworks/ignite-kernel:6.1');
  assert.equal(kernel.version, VERSION);
  assert.match(kernel.uid, /^[0-9a-f]{16}$/);
  assert.deepEqual(kernel.features, { pvh: true, virtioMmioCmdline: false, virtioBuiltIn: false });
  assert.ok((await readFile(kernel.vmlinux)).equals(makeVmlinux(VERSION)));
  assert.ok((await readFile(kernel.modulesCpio ?? '')).includes('virtio_blk.ko\n'));
  assert.equal((await readFile(kernel.modulesDrive ?? '')).readUInt16LE(1024 + 56), 0xef53, 'ext4 magic');
  assert.deepEqual(await readdir(join(folder, 'imports')), [], 'no scratch is left');
  assert.deepEqual(await readdir(folder), ['imports', 'kernels'], 'the exported files are removed');
});

test('OUT-02: an image that is there is not fetched again, unless the policy says always', async () => {
  const calls: string[] = [];
  const room = kernels({ images: imagesWith(VERSION, calls) });
  const first = await room.ensure('k:1', request());
  assert.deepEqual(await room.ensure('k:1', request()), first);
  assert.deepEqual(await room.ensure(first.uid, request('always')), first);
  assert.equal(calls.length, 1);
  await room.ensure('k:1', request('always'));
  assert.equal(calls.length, 2);
  await assert.rejects(room.ensure('other:1', request('never')), (e) =>
    isIgniteError(e, 'kernels/not-found'),
  );
});

test('parallel calls for one source share the work', async () => {
  const calls: string[] = [];
  const room = kernels({ images: imagesWith(VERSION, calls) });
  const all = await Promise.all(Array.from({ length: 5 }, () => room.ensure('k:1', request())));
  assert.equal(calls.length, 1);
  assert.equal(new Set(all.map((each) => each.uid)).size, 1);
});

test('without a configured kernel the default comes from the distribution, once, and one line says so', async () => {
  const ran: string[][] = [];
  const room = kernels({ commands: fakeApt(ran) });
  const kernel = await room.ensure(undefined, request());
  assert.equal(kernel.reference, `apt:${PACKAGE}`);
  assert.deepEqual(
    notes.filter((each) => each.kind === 'note').map((each) => each.text),
    [`Using the kernel of the package ${PACKAGE} 1, downloaded with apt (not installed)`],
  );
  const count = ran.length;
  assert.deepEqual(await room.ensure(undefined, request()), kernel);
  assert.equal(ran.length, count);
  assert.ok(!ran.some((argv) => argv.includes('install')));
});

test('the configured kernel image comes first, and apt where it cannot be had', async () => {
  const config = { kernelImage: 'k:1' };
  const had = kernels({ config, images: imagesWith('6.9.0'), commands: fakeApt() });
  assert.equal((await had.ensure(undefined, request())).version, '6.9.0');
  await rm(join(folder, 'kernels'), { recursive: true });
  const lacking = kernels({ config, commands: fakeApt() });
  assert.equal((await lacking.ensure(undefined, request())).version, VERSION);
});

test('BUG-09: with autoDownload off nothing is downloaded: an imported kernel, or an error that says what to do', async () => {
  const room = kernels({ config: { autoDownload: false }, commands: fakeApt() });
  await assert.rejects(
    room.ensure(undefined, request()),
    (e) => isIgniteError(e, 'kernels/none') && /autoDownload is false/.test(e.message),
  );
  const loaded = await room.load('vmlinux-6.9', Readable.from([makeVmlinux('6.9.0')]), request());
  assert.equal(loaded.reference, 'vmlinux-6.9');
  assert.equal(loaded.modulesDrive, undefined);
  assert.equal((await room.ensure(undefined, request())).uid, loaded.uid);
});

test('a kernel imported from a package of any name is the default, and nothing is downloaded', async () => {
  const ran: string[][] = [];
  const room = kernels({ commands: fakeApt(ran) });
  const deb = await makeDeb({ [`./boot/vmlinuz-${VERSION}`]: makeVmlinux(VERSION) });
  const loaded = await room.load('my-kernel.deb', Readable.from([deb]), request());
  assert.equal((await room.ensure(undefined, request())).uid, loaded.uid);
  assert.deepEqual(ran, []);
});

test('a package file and the same package through apt are one kernel with two names', async () => {
  const room = kernels({ commands: fakeApt() });
  const first = await room.import('apt:linux-image-cloud-amd64', { ...request(), image: request() });
  const deb = await makeDeb({
    [`./boot/vmlinuz-${VERSION}`]: makeVmlinux(VERSION),
    [`./usr/lib/modules/${VERSION}/kernel/virtio_blk.ko`]: makeModule({ depends: '' }),
  });
  const second = await room.load('k.deb', Readable.from([deb]), request());
  assert.equal(second.uid, first.uid);
  assert.deepEqual(
    (await room.list()).map((each) => each.reference),
    ['k.deb', `apt:${PACKAGE}`],
  );
  await room.remove('k.deb');
  assert.deepEqual(
    (await room.list()).map((each) => each.reference),
    [`apt:${PACKAGE}`],
  );
  await room.remove(first.uid.slice(0, 6));
  assert.deepEqual(await room.list(), []);
  assert.deepEqual(await readdir(join(folder, 'kernels')), []);
  await assert.rejects(room.remove('k.deb'), (e) => isIgniteError(e, 'kernels/not-found'));
});

test('a reference that moves leaves the old kernel under its uid', async () => {
  const old = await kernels({ images: imagesWith('6.1.1') }).ensure('k:1', request());
  const room = kernels({ images: imagesWith('6.1.2') });
  const now = await room.ensure('k:1', request('always'));
  assert.equal((await room.find('k:1'))?.uid, now.uid);
  assert.equal((await room.find(old.uid))?.version, '6.1.1');
  assert.equal((await room.find(old.uid))?.reference, old.uid);
});

test('a kernel of a file is found by its name, also where that came as an image reference', async () => {
  const room = kernels();
  const loaded = await room.load('vmlinux-6.9', Readable.from([makeVmlinux('6.9.0')]), request());
  assert.equal((await room.ensure('vmlinux-6.9:latest', request('never'))).uid, loaded.uid);
  assert.equal((await room.find('vmlinux-6.9:latest'))?.reference, 'vmlinux-6.9');
  await room.remove('vmlinux-6.9');
  assert.deepEqual(await room.list(), []);
});

test('a kernel that a VM is being made from stays until that is done, and so does one that is in use by then', async () => {
  const room = kernels();
  const { uid } = await room.load('k', Readable.from([makeVmlinux('6.9.0')]), request());
  const isHeld = (e: unknown) => isIgniteError(e, 'kernels/held');
  const [first, second] = await Promise.all([room.hold(uid, 'web'), room.hold(uid, 'db')]);
  await assert.rejects(room.remove('k'), { code: 'kernels/held', message: /The VM web is being made/ });
  first[Symbol.dispose]();
  await assert.rejects(room.remove(uid), isHeld);
  second[Symbol.dispose]();
  await assert.rejects(
    room.remove('k', (one) => one === uid),
    isHeld,
  );

  await room.remove('k');
  await assert.rejects(room.hold(uid, 'web'), (e) => isIgniteError(e, 'kernels/not-found'));
});

test('a uid that came as an image reference is still a uid', async () => {
  const made = await kernels({ images: imagesWith('6.1.1') }).ensure('k:1', request());

  assert.equal((await kernels({}).find(`${made.uid}:latest`))?.uid, made.uid);
});

test('a kernel for another machine, and no kernel at all, are refused and leave nothing', async () => {
  const room = kernels({ architecture: 'arm64' });
  await assert.rejects(room.load('k', Readable.from([makeVmlinux('6.1.0')]), request()), (e) =>
    isIgniteError(e, 'kernels/wrong-architecture'),
  );
  await assert.rejects(room.load('k', Readable.from([Buffer.from('no')]), request()), (e) =>
    isIgniteError(e, 'kernels/not-a-kernel'),
  );
  const empty = await makeDeb({ './usr/share/doc/x': Buffer.from('x') });
  await assert.rejects(room.load('k.deb', Readable.from([empty]), request()), (e) =>
    isIgniteError(e, 'kernels/no-vmlinux'),
  );
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
});

test('a full file system is told as such, and nothing is left', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const images = { exportFiles: () => Promise.reject(full) } as unknown as Images;
  await assert.rejects(kernels({ images }).ensure('k:1', request()), (e) =>
    isIgniteError(e, 'host/disk-full'),
  );
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
});

test('a folder laid out as a kernel image is imported, as a tar; its links stay inside', async () => {
  const root = join(folder, 'tree');
  await writeTree(root);
  const signal = AbortSignal.timeout(120_000);
  const kernel = await kernels().load('tree', packDirectory(root, { signal, name: '' }), request());
  assert.equal(kernel.reference, 'tree');
  assert.notEqual(kernel.modulesDrive, undefined);
  assert.equal(kernel.features.virtioMmioCmdline, false, 'from its configuration');
  const bad = [{ type: 'symlink', name: 'boot/vmlinux', linkName: '/etc/passwd' }] as const;
  await assert.rejects(kernels().load('bad', writeTar(bad), request()), (e) =>
    isIgniteError(e, 'kernels/no-vmlinux'),
  );
});

test('the kernel of the host, with its modules, keeps the name it was asked for', async () => {
  const root = join(folder, 'host');
  await writeTree(root);
  await rm(join(root, 'boot/vmlinux'));
  await rename(join(root, `boot/vmlinux-${VERSION}`), join(root, `boot/vmlinuz-${VERSION}`));
  await symlink('/usr/src', join(root, `lib/modules/${VERSION}/build`));
  const room = kernels({ host: { root, release: VERSION } });
  const kernel = await room.import('host:', { ...request(), image: request() });
  assert.equal(kernel.reference, `host:${VERSION}`);
  assert.notEqual(kernel.modulesDrive, undefined);
  assert.equal((await room.find('host:'))?.uid, kernel.uid);
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
  const other = kernels({ host: { root, release: '9.9' } });
  await assert.rejects(
    other.import('host:', { ...request(), image: request() }),
    (e) => isIgniteError(e, 'kernels/not-found') && /vmlinuz-9\.9/.test(e.message),
  );
});

test('what a killed import left is swept by the next daemon', async () => {
  await mkdir(join(folder, 'kernels/.new-0011'), { recursive: true });
  await mkdir(join(folder, 'imports/kernel-abc'), { recursive: true });
  await sweepKernels(join(folder, 'kernels'));
  assert.deepEqual(await readdir(join(folder, 'kernels')), []);
  await kernels({ images: imagesWith(VERSION) }).ensure('k:1', request());
  assert.equal((await readdir(join(folder, 'kernels'))).length, 1);
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
});

test('a cancelled import ends with nothing left', async () => {
  const controller = new AbortController();
  const images = {
    exportFiles: async (...args: Parameters<Images['exportFiles']>) => {
      controller.abort(new Error('Ctrl-C'));
      return await imagesWith(VERSION).exportFiles(...args);
    },
  } as unknown as Images;
  const ensure = kernels({ images }).ensure('k:1', { ...request(), signal: controller.signal });
  await assert.rejects(ensure, (e) => isIgniteError(e, 'host/cancelled'));
  assert.deepEqual(await readdir(join(folder, 'imports')), []);
});

test('API-V02, kernel.mapped: a reference that manifests name is replaced by what the Configuration says', async () => {
  const calls: string[] = [];
  const config = { mapped: { 'weaveworks/ignite-kernel:5.14.16': 'own/kernel:6.1' } };
  const room = kernels({ config, images: imagesWith(VERSION, calls) });
  const kernel = await room.ensure('weaveworks/ignite-kernel:5.14.16', request());
  assert.equal(kernel.reference, 'own/kernel:6.1');
  assert.equal((await room.ensure('own/kernel:6.1', request())).uid, kernel.uid);
});

test('BUG-12, API-N07: a reference is exact; a beginning of one is not found', async () => {
  const room = kernels({ images: imagesWith(VERSION) });
  await room.ensure('me/kern:9.9.9', request());
  assert.equal(await room.find('me/kern:9'), undefined);
  await assert.rejects(room.ensure('me/kern:9', request('never')), (e) =>
    isIgniteError(e, 'kernels/not-found'),
  );
});
