// `ignite volume prune` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { yesFlag } from './shared/common-flags.ts';

/** Remove unused volumes. */
export const volumePrune: CommandSpec = {
  path: ['volume', 'prune'],
  summary: 'Remove volumes that no VM uses',
  description: `Removes all volumes that no VM uses, running or not, with their content, and prints the name of each. It asks first; where it
cannot ask, it needs -f.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    { long: 'all', short: 'a', kind: 'bool', hidden: true, help: 'No effect: all volumes have names' },
    { long: 'force', short: 'f', kind: 'bool', help: 'Do not ask' },
    { long: 'filter', kind: 'list', value: 'FILTER', help: 'Only volumes with a label: label=K[=V]' },
    yesFlag,
  ],
  examples: [{ text: 'Make room', command: 'ignite volume prune --filter label=scratch' }],
  load: () => import('../run/volume-prune.ts'),
};
