// `ignite images` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { formatFlags } from './shared/common-flags.ts';

/** List images. */
export const imageLs: CommandSpec = {
  path: ['image', 'ls'],
  also: [['image', 'list']],
  summary: 'List images',
  description: `Lists the images that are here, or those of a name, with or without its tag; NAME may hold * and ?. With -q only UIDs are printed, one a line. \`ignite images\` is the same.`,
  operands: '[NAME[:TAG]]',
  fewest: 0,
  most: 1,
  completes: ['image'],
  flags: [
    {
      long: 'filter',
      short: 'f',
      kind: 'list',
      value: 'FILTER',
      help: 'Only images for which this holds: reference=PATTERN, label=K[=V], dangling=true|false',
    },
    { long: 'all', short: 'a', kind: 'bool', hidden: true, help: 'No effect: all images are shown' },
    { long: 'digests', kind: 'bool', help: 'Show digests too' },
    ...formatFlags,
  ],
  examples: [
    { text: 'All images', command: 'ignite images' },
    { text: 'Only names', command: "ignite images --format '{{.Repository}}:{{.Tag}}'" },
  ],
  load: () => import('../run/image-ls.ts'),
};
