// `ignite kernels` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { formatFlags } from './shared/common-flags.ts';

/** List kernels. */
export const kernelLs: CommandSpec = {
  path: ['kernel', 'ls'],
  also: [['kernel', 'list']],
  summary: 'List kernels',
  description: `Lists the kernels that are here. With -q only UIDs are printed, one a line. \`ignite kernels\` is the same.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    {
      long: 'filter',
      short: 'f',
      kind: 'list',
      value: 'FILTER',
      help: 'Only kernels for which this holds: reference=PATTERN, name=TEXT, version=TEXT',
    },
    ...formatFlags,
  ],
  examples: [{ text: 'All kernels', command: 'ignite kernels' }],
  load: () => import('../run/kernel-ls.ts'),
};
