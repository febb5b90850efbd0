// `ignite network rm` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Remove networks. */
export const networkRm: CommandSpec = {
  path: ['network', 'rm'],
  also: [['network', 'remove']],
  summary: 'Remove networks',
  description: `Removes networks, from the host as well, and prints the name of each. A network that a VM is bound to stays, whether the
VM runs or not.`,
  operands: 'NETWORK...',
  fewest: 1,
  completes: ['network'],
  flags: [{ long: 'force', short: 'f', kind: 'bool', help: 'No error where there is no such network' }],
  examples: [{ text: 'Remove a network', command: 'ignite network rm lab' }],
  load: () => import('../run/network-rm.ts'),
};
