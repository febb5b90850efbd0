// `ignite system df|prune` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { yesFlag } from './shared/common-flags.ts';

/** What the store takes. */
export const systemDf: CommandSpec = {
  path: ['system', 'df'],
  summary: 'Show what images, VMs, volumes and kernels take on the disk',
  description: `Counts the blocks that files take, as disks of VMs are sparse. Reclaimable is what goes with images and kernels of which no
VM is made, with VMs that do not run, and with volumes that no VM names.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    {
      long: 'format',
      kind: 'string',
      value: 'FORMAT',
      choices: ['table', 'json'],
      help: 'json: one object a line',
    },
    {
      long: 'verbose',
      short: 'v',
      kind: 'bool',
      hidden: true,
      help: 'No effect: each list tells the sizes of its objects',
    },
  ],
  examples: [{ text: 'For a program', command: 'ignite system df --format json' }],
  load: () => import('../run/system-df.ts'),
};

/** Remove what nothing uses. */
export const systemPrune: CommandSpec = {
  path: ['system', 'prune'],
  summary: 'Remove VMs that do not run, and images and networks that nothing uses',
  description: `Removes VMs that do not run, with their disks, but those that are protected or managed by a source; networks that no VM is
bound to; images without a name that no VM uses, with -a all that no VM uses; with --volumes volumes that no VM names. It asks
first; where it cannot ask, it needs -f.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    { long: 'all', short: 'a', kind: 'bool', help: 'Images with a name, too' },
    { long: 'volumes', kind: 'bool', help: 'Volumes that no VM names, with their content, too' },
    { long: 'force', short: 'f', kind: 'bool', help: 'Do not ask' },
    yesFlag,
  ],
  examples: [{ text: 'Make room', command: 'ignite system prune -a' }],
  load: () => import('../run/system-prune.ts'),
};
