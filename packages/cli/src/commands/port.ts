// `ignite port` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Published ports of a VM. */
export const port: CommandSpec = {
  path: ['port'],
  also: [['vm', 'port']],
  summary: 'List the published ports of a VM',
  description: `Prints where the ports of a VM can be reached on the host, one a line; with PORT only where that one can, and fails
if it is not published.`,
  operands: 'VM [PORT[/PROTO]]',
  fewest: 1,
  most: 2,
  completes: ['vm'],
  flags: [],
  examples: [
    { text: 'All of them', command: 'ignite port web' },
    { text: 'The address of one', command: 'ignite port web 80/tcp' },
  ],
  load: () => import('../run/port.ts'),
};
