// `ignite volume ls` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { formatFlags } from './shared/common-flags.ts';

/** List volumes. */
export const volumeLs: CommandSpec = {
  path: ['volume', 'ls'],
  also: [['volume', 'list']],
  summary: 'List volumes',
  description: `Lists the volumes with their size, the room they take on the host, and the VMs that use them. With -q only names are
printed, one a line.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    {
      long: 'filter',
      short: 'f',
      kind: 'list',
      value: 'FILTER',
      help: 'Only volumes for which this holds: name=TEXT, label=K[=V], dangling=true|false, driver=local',
    },
    ...formatFlags,
  ],
  examples: [
    { text: 'All volumes', command: 'ignite volume ls' },
    { text: 'Those that no VM uses', command: 'ignite volume ls -q -f dangling=true' },
  ],
  load: () => import('../run/volume-ls.ts'),
};
