// `ignite load` and `ignite image load` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Load images from an archive. */
export const imageLoad: CommandSpec = {
  path: ['image', 'load'],
  also: [['load']],
  summary: 'Load images from an archive or an OCI layout folder',
  description: `Loads all images of a \`docker save\` archive, an OCI archive (either may be compressed with gzip or zstd), or an OCI layout
folder, and prints the UID of each. The archive comes from SOURCE, from -i, or from stdin.`,
  operands: '[SOURCE]',
  fewest: 0,
  most: 1,
  completes: ['file'],
  flags: [
    {
      long: 'input',
      short: 'i',
      kind: 'string',
      value: 'FILE',
      completes: 'file',
      help: 'Archive or folder to read',
      fallback: 'stdin',
    },
    {
      long: 'reference',
      also: ['tag'],
      kind: 'string',
      value: 'IMAGE',
      help: 'Name for the image, where the archive has none',
    },
  ],
  examples: [
    { text: 'From Docker', command: 'docker save web | ignite load' },
    { text: 'From a folder', command: 'ignite load ./layout --reference web:1' },
  ],
  load: () => import('../run/image-load.ts'),
};
