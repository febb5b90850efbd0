// A fault at every change of a file that importing and removing an image or a kernel is made of, told or as a real file
// system is that is full or read-only: afterwards it is whole or
// gone, the other one is as it was, nothing else is left, and it can be imported.
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { build } from 'rolldown';
import { emptyFolder, hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import type { Images } from '../../../engine/src/images/index.ts';
import { createKernels, type Kernels, sweepKernels } from '../../../engine/src/kernels/index.ts';
import { makeDeb, makeModule, makeVmlinux } from '../../../engine/src/kernels/testing.ts';
import { createWorkers } from '../../../engine/src/worker/index.ts';
import { buildImage, file, ociArchive } from '../../images/index.ts';
import { reopen, request, WORKER } from '../images/fixture.ts';
import { type FilePoints, filePointsBelow } from './file-points.ts';
import { type SmallFileSystem, smallFileSystem } from './small-file-system.ts';
import { type Fault, walk } from './walk.ts';

const VICTIM = 'victim:1';
const FAULTS: readonly Fault[] = ['stands still', 'really full or read-only'];
/** Holds two images, or two kernels, and what an import asks for before it begins. */
const ROOM = 80 << 20;
const work = { report: () => {}, signal: AbortSignal.timeout(1_800_000) };

/** The worker in one file, as releases have it: it starts ten times as fast, and there are a hundred starts. */
const BUNDLE = await mkdtemp(join(tmpdir(), 'ignite-worker-'));
const WORKER_MODULE = join(BUNDLE, 'worker.mjs');

before(async () => {
  await chmod(BUNDLE, 0o755);
  await build({
    input: join(import.meta.dirname, '../../../engine/src/worker/main.ts'),
    platform: 'node',
    logLevel: 'warn',
    output: { file: WORKER_MODULE, format: 'esm', codeSplitting: false },
  });
});
after(() => rm(BUNDLE, { recursive: true }));

/** A store as a daemon has it. */
interface Store {
  /** As a daemon that starts. */
  readonly reopen: () => Promise<void>;
  readonly load: (which: 'other' | 'victim') => Promise<unknown>;
  readonly names: () => Promise<readonly string[]>;
  readonly remove: (name: string) => Promise<unknown>;
  /** Fails unless all that is listed can be used. */
  readonly check: () => Promise<void>;
}

interface Kind {
  readonly what: string;
  readonly other: string;
  readonly victim: string;
  readonly open: (root: string) => Promise<Store>;
}

const IMAGES: Kind = {
  what: 'image',
  other: 'other:1',
  victim: VICTIM,
  open: async (root) => {
    const archive = async (reference: string) =>
      ociArchive(
        await buildImage({ layers: [{ entries: [file('etc/name', reference, { mode: 0o644 })] }] }),
        reference,
      );
    const archives = { other: await archive('other:1'), victim: await archive(VICTIM) };
    let images: Images;
    return {
      reopen: async () => {
        await emptyFolder(join(root, 'imports')); // create-engine.ts does so
        images = await reopen(root, { workerModule: WORKER_MODULE });
      },
      load: (which) => images.load({ kind: 'archive', stream: Readable.from([archives[which]]) }, request()),
      names: async () => (await images.list()).map(({ reference }) => reference),
      remove: (name) => images.remove(name, () => false),
      check: async () => {
        for (const { base } of await images.list()) {
          assert.equal((await stat(base.path)).size, base.bytes);
          assert.equal((await readFile(base.path)).readUInt16LE(1024 + 56), 0xef53);
        }
      },
    };
  },
};

const KERNELS: Kind = {
  what: 'kernel',
  other: 'other.deb',
  victim: 'victim.deb',
  open: async (root) => {
    const deb = (version: string) =>
      makeDeb({
        [`./boot/vmlinuz-${version}`]: makeVmlinux(version),
        [`./lib/modules/${version}/kernel/virtio_blk.ko`]: makeModule({ depends: '' }),
      });
    const packages = { other: await deb('6.1.0-other'), victim: await deb('6.1.0-victim') };
    const commands = hostCommands();
    let kernels: Kernels;
    return {
      reopen: async () => {
        await emptyFolder(join(root, 'imports'));
        await sweepKernels(join(root, 'kernels'));
        kernels = createKernels({
          directory: join(root, 'kernels'),
          scratch: join(root, 'imports'),
          commands,
          clock: hostClock(),
          images: { exportFiles: () => Promise.reject(new Error('no images here')) } as unknown as Images,
          workers: createWorkers({
            module: WORKER_MODULE,
            user: WORKER,
            memoryBytes: 1 << 30,
            atOnce: 1,
            commands,
          }),
          config: {},
          architecture: 'amd64',
          osRelease: '',
        });
      },
      load: (which) => kernels.load(`${which}.deb`, Readable.from([packages[which]]), work),
      names: async () => (await kernels.list()).map(({ reference }) => reference),
      remove: (name) => kernels.remove(name),
      check: async () => {
        for (const { vmlinux, modulesDrive, version } of await kernels.list()) {
          assert.ok((await readFile(vmlinux)).equals(makeVmlinux(version)));
          assert.equal((await readFile(modulesDrive ?? '')).readUInt16LE(1024 + 56), 0xef53);
        }
      },
    };
  },
};

for (const kind of [IMAGES, KERNELS])
  describe(kind.what, { skip: process.arch === 'x64' ? false : 'what is imported is for amd64' }, () => {
    let disk: SmallFileSystem;
    let root: string;
    let points: FilePoints;
    let store: Store;
    /** Paths of a store that holds the other one alone, and of one that holds both. */
    let alone: readonly string[];
    let both: readonly string[];

    const remove = async () => {
      if ((await store.names()).includes(kind.victim)) await store.remove(kind.victim);
    };
    const load = () => store.load('victim');
    const files = async () => (await readdir(root, { recursive: true })).toSorted();

    before(async () => {
      disk = await smallFileSystem(ROOM);
      root = join(disk.path, 'store');
      await mkdir(root);
      await chmod(root, 0o711); // the worker, which has a user of its own, passes through it
      points = filePointsBelow(root);
      store = await kind.open(root);
      await store.reopen();
      await store.load('other');
      await load();
      both = await files();
      await remove();
      alone = await files();
    });
    after(async () => {
      points[Symbol.dispose]();
      await disk[Symbol.asyncDispose]();
    });

    for (const [verb, prepare, act] of [
      ['import', remove, load],
      ['rm', load, remove],
    ] as const)
      for (const fault of FAULTS)
        test(`${verb}, ${fault}`, async () => {
          const assertWholeOrGone = async (where: string) => {
            const names = (await store.names()).toSorted();
            const whole = names.includes(kind.victim);
            assert.deepEqual(names, whole ? [kind.other, kind.victim] : [kind.other], where);
            assert.deepEqual(await files(), whole ? both : alone, where);
            await store.check();
          };
          const steps = { prepare, act, reopen: store.reopen, assertWholeOrGone };
          const found = await walk(points, fault, steps, disk);
          assert.ok(found >= 2, `${found} points`);
        });
  });
