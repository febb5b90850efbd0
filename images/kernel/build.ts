// Makes the kernel image, build/images/ignite-kernel.tar, from the distribution's kernel package for VMs.
// Usage: node images/kernel/build.ts [PACKAGE]
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOciLayout } from '../../engine/src/imagemake/index.ts';
import { defaultKernelPackage, downloadKernel, unpackKernelDeb } from '../../engine/src/kernels/index.ts';
import { ARCHITECTURE, EPOCH, OS_RELEASE, saveArchive, withScratch } from '../scratch.ts';
import { kernelEntries } from './entries.ts';

const wanted =
  process.argv[2] ?? defaultKernelPackage(OS_RELEASE, ARCHITECTURE) ?? `linux-image-cloud-${ARCHITECTURE}`;

await withScratch(async (scratch, apt) => {
  const root = join(scratch, 'root');
  const download = await downloadKernel(wanted, apt);
  for (const deb of download.files) await unpackKernelDeb(await readFile(deb), root, apt.signal);
  const version = download.kernelPackage.replace(/^linux-image-(unsigned-)?/, '');
  const layout = join(scratch, 'layout');
  await writeOciLayout(
    {
      folder: layout,
      reference: `ignite-kernel:${version}`,
      architecture: ARCHITECTURE,
      entries: kernelEntries(root, scratch, wanted, apt.signal),
      compression: 'gzip',
      config: {
        Labels: {
          'org.opencontainers.image.title': download.kernelPackage,
          'org.opencontainers.image.version': download.version,
        },
      },
      created: EPOCH,
      createdBy: `images/kernel (${download.kernelPackage} ${download.version})`,
    },
    apt.signal,
  );
  await saveArchive(layout, 'ignite-kernel');
});
