// `ignite repair` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Make broken VMs whole. */
export const repair: CommandSpec = {
  path: ['repair'],
  also: [
    ['vm', 'repair'],
    ['system', 'repair'],
  ],
  summary: 'Repair VMs whose files were damaged',
  description: `A VM whose record or journal cannot be read is shown as Broken and left alone. This takes its record from the backup
that is written whenever a VM is changed, and the rest from what is on the host: a VM that still runs is taken over
as it is. One that runs and has no record is shown as unmanaged; it is adopted as it was started. A file that could not be read
is kept next to its replacement. Prints the UID of each VM that was repaired.`,
  operands: '[VM...]',
  fewest: 0,
  completes: ['vm'],
  flags: [],
  examples: [{ text: 'All that are broken', command: 'ignite repair' }],
  load: () => import('../run/repair.ts'),
};
