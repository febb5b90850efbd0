// The kernel of these tests is the distribution's own, by way of the kernels room: apt downloads it once into
// .cache/kernels, what was made of it stays in build/test-kernel. Needs apt. About 10 s the first time.
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { type Commands, hostClock, hostCommands } from '../../../engine/src/host/index.ts';
import type { Images } from '../../../engine/src/images/port.ts';
import { createKernels, type KernelRecord } from '../../../engine/src/kernels/index.ts';
import { createWorkers } from '../../../engine/src/worker/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CACHE = join(ROOT, '.cache/kernels');
const MADE = join(ROOT, 'build/test-kernel');
const IMPORT_MS = 1_800_000;

let found: Promise<KernelRecord> | undefined;

/** An ELF vmlinux, the modules a boot needs, and the drive with all of them. */
export function testKernel(): Promise<KernelRecord> {
  found ??= newest(MADE).then((record) => record ?? importKernel());
  return found;
}

async function newest(directory: string): Promise<KernelRecord | undefined> {
  return (await kernelsOf(directory)).list().then(([record]) => record);
}

/** Made beside its place, so that two test files that begin at once do not meet. */
async function importKernel(): Promise<KernelRecord> {
  await mkdir(join(ROOT, 'build'), { recursive: true });
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(ROOT, 'build/test-kernel-'));
  const options = { pull: 'missing', report: () => {}, signal: AbortSignal.timeout(IMPORT_MS) } as const;
  try {
    await (await kernelsOf(folder)).ensure(undefined, options);
    await rename(folder, MADE).catch(() => {}); // the other one was faster
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const record = await newest(MADE);
  if (record === undefined) throw new Error(`No kernel came to be in ${MADE}`);
  return record;
}

/** The worker's own user, as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };

async function kernelsOf(directory: string) {
  return createKernels({
    directory,
    scratch: join(directory, 'imports'),
    commands: cachingApt(hostCommands()),
    clock: hostClock(),
    images: { exportFiles: () => Promise.reject(new Error('no images here')) } as unknown as Images,
    workers: createWorkers({ user: NOBODY, memoryBytes: 1 << 30, atOnce: 1, commands: hostCommands() }),
    config: {},
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    osRelease: await readFile('/etc/os-release', 'utf8'),
  });
}

/** Takes a package that was downloaded before from the cache, and keeps one that was not. */
function cachingApt(commands: Commands): Commands {
  return {
    run: async (argv, options) => {
      const target = options?.cwd;
      if (!argv.includes('download') || target === undefined) return await commands.run(argv, options);
      const wanted = (argv.at(-1) ?? '').replace('=', '_').replaceAll(':', '%3a');
      const cached = (await readdir(CACHE)).find(
        (name) => name.startsWith(`${wanted}_`) && name.endsWith('.deb'),
      );
      if (cached !== undefined) {
        await cp(join(CACHE, cached), join(target, cached));
        return { code: 0, stdout: '', stderr: '' };
      }
      const result = await commands.run(argv, options);
      for (const name of await readdir(target)) await keep(join(target, name));
      return result;
    },
  };
}

async function keep(path: string): Promise<void> {
  const temporary = join(CACHE, `${basename(path)}.${process.pid}.tmp`);
  await cp(path, temporary);
  await rename(temporary, join(CACHE, basename(path)));
}
