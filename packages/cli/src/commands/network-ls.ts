// `ignite network ls` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { formatFlags } from './shared/common-flags.ts';

/** List networks. */
export const networkLs: CommandSpec = {
  path: ['network', 'ls'],
  also: [['network', 'list']],
  summary: 'List networks',
  description: `Lists the networks with their range and the number of VMs on each. The default one, bridge, is there once a VM needed it.
With -q only names are printed, one a line.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    {
      long: 'filter',
      short: 'f',
      kind: 'list',
      value: 'FILTER',
      help: 'Only networks for which this holds: name=TEXT, dangling=true|false, driver=bridge',
    },
    ...formatFlags,
  ],
  examples: [{ text: 'All networks', command: 'ignite network ls' }],
  load: () => import('../run/network-ls.ts'),
};
