// Makes the Debian machine image, build/images/ignite-debian.tar. Needs root, apt and mmdebstrap.
// Usage: node images/debian/build.ts [SUITE [PACKAGE…]]
import { join } from 'node:path';
import { hostClock, hostCommands } from '../../engine/src/host/index.ts';
import { createImageMaker } from '../../engine/src/imagemake/index.ts';
import { ARCHITECTURE, EPOCH, OS_RELEASE, saveArchive, withScratch } from '../scratch.ts';

const [suite, ...packages] = process.argv.slice(2);

await withScratch(async (scratch, { report, signal }) => {
  const maker = createImageMaker({
    commands: hostCommands(),
    clock: hostClock(),
    scratch: join(scratch, 'make'),
    architecture: ARCHITECTURE,
    osRelease: OS_RELEASE,
    aptFolder: '/etc/apt',
    root: process.getuid?.() === 0,
    compression: 'gzip',
    epoch: EPOCH,
  });
  await using made = await maker.machine({
    distribution: 'debian',
    packages,
    report,
    signal,
    ...(suite === undefined ? {} : { suite }),
  });
  await saveArchive(made.folder, 'ignite-debian');
});
