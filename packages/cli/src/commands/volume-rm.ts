// `ignite volume rm` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Remove volumes. */
export const volumeRm: CommandSpec = {
  path: ['volume', 'rm'],
  also: [['volume', 'remove']],
  summary: 'Remove volumes and what is in them',
  description: `Removes volumes with their content, and prints the name of each. A volume that a VM uses, running or not, is refused. Names are
exact.`,
  operands: 'VOLUME...',
  fewest: 1,
  completes: ['volume'],
  flags: [{ long: 'force', short: 'f', kind: 'bool', help: 'One that is not there is no error' }],
  examples: [{ text: 'Remove a volume', command: 'ignite volume rm data' }],
  load: () => import('../run/volume-rm.ts'),
};
