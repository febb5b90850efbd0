// `ignite import` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Make an image of a root file system. */
export const importRootfs: CommandSpec = {
  path: ['import'],
  summary: 'Make an image of a root file system',
  description: `Makes an image of one layer from a tar archive of a root file system, plain or compressed with gzip or zstd, and prints its
UID. \`-\` is stdin. How the image runs is given with -c, in instructions of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL,
STOPSIGNAL, USER, WORKDIR. (\`ignite image import\` gets an image from a registry, as in Weave Ignite.)`,
  operands: 'FILE|- IMAGE',
  fewest: 2,
  most: 2,
  completes: ['file'],
  flags: [
    {
      long: 'change',
      short: 'c',
      kind: 'list',
      value: 'INSTRUCTION',
      help: 'How the image runs, such as "CMD /bin/sh"',
    },
    { long: 'message', short: 'm', kind: 'string', value: 'TEXT', hidden: true, help: 'No effect' },
  ],
  examples: [
    { text: 'From a build', command: 'ignite import rootfs.tar.gz my-root:1 -c "CMD /sbin/init"' },
    { text: 'From debootstrap', command: 'tar -C rootfs -c . | ignite import - my-debian:12' },
  ],
  load: () => import('../run/import.ts'),
};
