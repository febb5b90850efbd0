// Defects of the original, by its own numbers, held against images and kernels of ours.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { isIgniteError } from '@ignite/api';
import type { TarInput } from '@ignite/archive';
import { hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import { createKernels, type Kernels } from '../../../engine/src/kernels/index.ts';
import { makeVmlinux } from '../../../engine/src/kernels/testing.ts';
import { createWorkers } from '../../../engine/src/worker/index.ts';
import { buildImage, directory, file, ociArchive, symlink } from '../../images/index.ts';
import { startFakeRegistry } from '../../registry/index.ts';
import { assertClean, debugfs, openStore, request, type Store, WORKER } from './fixture.ts';

/** The kernels room beside a store of images. */
function kernelsOf({ state, images }: Store): Kernels {
  const commands = hostCommands();
  return createKernels({
    directory: join(state, 'kernels'),
    scratch: join(state, 'imports'),
    commands,
    clock: hostClock(),
    images,
    workers: createWorkers({ user: WORKER, memoryBytes: 1 << 30, atOnce: 1, commands }),
    config: {},
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    osRelease: '',
  });
}

async function load(store: Store, entries: readonly TarInput[], name = 'odd:1') {
  const archive = await ociArchive(await buildImage({ layers: [{ entries }] }), name);
  const [record] = await store.images.load({ kind: 'archive', stream: Readable.from([archive]) }, request());
  assert.ok(record !== undefined);
  return record;
}

const amd64 = process.arch === 'arm64' ? 'the made-up kernel is for amd64' : false;

test('BUG-08: an import that fails leaves nothing, of an image as of a kernel', async () => {
  await using registry = await startFakeRegistry();
  const broken: TarInput = { type: 'hardlink', name: 'h', linkName: 'missing' };
  registry.add('x/broken', '1', await buildImage({ layers: [{ entries: [file('a', 'b'), broken] }] }));
  registry.add('x/empty', '1', await buildImage({ layers: [{ entries: [file('boot/readme', '')] }] }));
  await using store = await openStore();
  const before = await store.files();
  await assert.rejects(store.images.ensure(`${registry.host}/x/broken:1`, request()), {
    code: 'images/bad-layer',
  });
  assert.deepEqual(await store.files(), before);
  await assert.rejects(kernelsOf(store).ensure(`${registry.host}/x/empty:1`, request()), {
    code: 'kernels/no-vmlinux',
  });
  assert.deepEqual(await store.files(), before);
});

test('BUG-09: a kernel image without /lib/modules is a kernel without modules', { skip: amd64 }, async () => {
  await using registry = await startFakeRegistry();
  const kernel = await buildImage({ layers: [{ entries: [file('boot/vmlinux', makeVmlinux('4.14.55'))] }] });
  registry.add('x/kernel', '1', kernel);
  await using store = await openStore();
  const { modulesDrive, version } = await kernelsOf(store).ensure(`${registry.host}/x/kernel:1`, request());
  assert.deepEqual([version, modulesDrive], ['4.14.55', undefined]);
});

test('BUG-12: the beginning of a reference finds no other image and no other kernel', {
  skip: amd64,
}, async () => {
  await using registry = await startFakeRegistry();
  registry.add(
    'x/kernel',
    '10',
    await buildImage({ layers: [{ entries: [file('boot/vmlinux', makeVmlinux('6.1'))] }] }),
  );
  await using store = await openStore();
  const kernels = kernelsOf(store);
  await kernels.ensure(`${registry.host}/x/kernel:10`, request());
  await load(store, [file('a', 'b')], 'me/os:v10');
  for (const word of ['me/os:v1', 'me/os', 'me/o', 'me'])
    assert.equal(await store.images.find(word), undefined, word);
  await assert.rejects(
    store.images.remove('me/os:v1', () => false),
    (error) => isIgniteError(error, 'images/not-found'),
  );
  for (const word of ['x/kernel:1', 'x/kernel', 'x']) {
    const reference = `${registry.host}/${word}`;
    assert.equal(await kernels.find(reference), undefined, word);
    await assert.rejects(kernels.remove(reference), (error) => isIgniteError(error, 'kernels/not-found'));
  }
});

test('BUG-24: /etc/resolv.conf may be any link, which nobody follows', async () => {
  for (const target of ['/nowhere/on/this/host', '/etc/passwd', '../../../../etc/hostname', 'resolv.conf']) {
    await using store = await openStore();
    const { base } = await load(store, [directory('etc'), symlink('etc/resolv.conf', target)]);
    await assertClean(base.path);
    const shown = await debugfs(base.path, 'stat /etc/resolv.conf');
    assert.match(shown, /Type: symlink/);
    assert.ok(shown.includes(`"${target}"`), shown);
  }
});

test('SEC-02: nothing of an image is mounted by this host or lent to it as a device', async () => {
  await using store = await openStore();
  const lent = async () => {
    const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
    const loops = (await readdir('/sys/block')).map((name) =>
      readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => ''),
    );
    return [...mounts, ...(await Promise.all(loops))].filter((line) => line.includes(store.state));
  };
  const looks: Promise<readonly string[]>[] = [];
  const archive = await ociArchive(await buildImage({ layers: [{ entries: [file('a', 'b')] }] }), 'odd:1');
  const whenever = request({ report: () => void looks.push(lent()) });
  await store.images.load({ kind: 'archive', stream: Readable.from([archive]) }, whenever);
  assert.ok(looks.length > 0);
  assert.deepEqual((await Promise.all([...looks, lent()])).flat(), []);
});

test('SEC-08: an archive that means to leave the image stays in it', async () => {
  const marks = ['up', 'root', 'through'].map((word) => `ignite-sec-08-${word}-${process.pid}`);
  const [up = '', root = '', through = ''] = marks;
  const entries = [
    file(`../../../../tmp/${up}`, 'x'),
    file(`/tmp/${root}`, 'x'),
    symlink('door', '/tmp'),
    file(`door/${through}`, 'x'),
  ];
  await using store = await openStore();
  const { base } = await load(store, entries);
  const inside = await debugfs(base.path, 'ls /tmp');
  for (const mark of marks) {
    assert.ok(inside.includes(mark), mark);
    assert.equal(existsSync(join('/tmp', mark)), false, mark);
  }
});
