// `ignite rename` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Give a VM another name. */
export const rename: CommandSpec = {
  path: ['rename'],
  also: [['vm', 'rename']],
  summary: 'Give a VM another name',
  description: `Renames a VM, running or not. Its UID, address and disk stay; the host name inside follows with the next start,
unless --hostname was given when it was made.`,
  operands: 'VM NEW-NAME',
  fewest: 2,
  most: 2,
  completes: ['vm'],
  flags: [],
  examples: [{ text: 'Another name', command: 'ignite rename my-vm web' }],
  load: () => import('../run/rename.ts'),
};
