// Makes the kernel image for microVMs, build/images/ignite-microvm-kernel.tar, from the distribution's kernel source and
// the configuration in this folder. About 15 minutes of one processor the first time; then it is in the cache.
// Usage: node images/microvm-kernel/build.ts [JOBS]
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOciLayout } from '../../engine/src/imagemake/index.ts';
import type { AptContext } from '../../engine/src/kernels/index.ts';
import { kernelEntries } from '../kernel/entries.ts';
import { ARCHITECTURE, EPOCH, saveArchive, withScratch } from '../scratch.ts';
import { cacheFolder } from './cache.ts';
import { compileKernel } from './compile.ts';
import { findSource, type KernelSource } from './source.ts';

const NAME = 'ignite-microvm-kernel';
const LONGEST_MS = 5 * 60 * 60_000;
const jobs = process.argv[2] === undefined ? {} : { jobs: Number(process.argv[2]) };

if (ARCHITECTURE !== 'amd64') throw new Error(`The configuration is for amd64, this host is ${ARCHITECTURE}`);

await withScratch(async (scratch, apt) => {
  const source = await findSource(apt);
  const root = await cacheFolder(source.version);
  if (!existsSync(root)) await build(source, root, apt);
  const layout = join(scratch, 'layout');
  await writeOciLayout(
    {
      folder: layout,
      reference: `${NAME}:${source.version.replace(/[^\w.-]/g, '_')}`,
      architecture: ARCHITECTURE,
      entries: kernelEntries(root, scratch, NAME, apt.signal),
      compression: 'gzip',
      config: {
        Labels: {
          'org.opencontainers.image.title': 'Linux for microVMs',
          'org.opencontainers.image.version': source.version,
        },
      },
      created: EPOCH,
      createdBy: `images/microvm-kernel (${source.package} ${source.version})`,
    },
    apt.signal,
  );
  await saveArchive(layout, NAME);
}, LONGEST_MS);

/** Compiles in a folder that is kept until the kernel is whole: what was interrupted goes on where it was. */
async function build(source: KernelSource, root: string, apt: AptContext): Promise<void> {
  const work = `${root}.work`;
  const [unpacked, objects, made] = [join(work, 'source'), join(work, 'objects'), join(work, 'root')];
  await mkdir(work, { recursive: true });
  if (!existsSync(unpacked)) await source.unpack(unpacked);
  // packed with the date of the last change of the package
  const epoch = Math.floor((await stat(join(unpacked, 'Makefile'))).mtimeMs / 1000);
  await rm(made, { recursive: true, force: true });
  await compileKernel({ source: unpacked, objects, root: made, epoch, ...jobs }, apt);
  await rename(made, root);
  await rm(work, { recursive: true, force: true });
}
