// `ignite rmi` and `ignite image rm` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { yesFlag } from './shared/common-flags.ts';

/** Remove images. */
export const imageRm: CommandSpec = {
  path: ['image', 'rm'],
  also: [['rmi'], ['image', 'remove']],
  summary: 'Remove images',
  description: `Removes images and prints the UID of each. An image that a VM uses needs -f, which ends and removes those VMs and
names each; on a terminal it asks first. References are exact.`,
  operands: 'IMAGE...',
  fewest: 1,
  completes: ['image'],
  flags: [{ long: 'force', short: 'f', kind: 'bool', help: 'Remove the VMs that use it first' }, yesFlag],
  examples: [{ text: 'Remove an image', command: 'ignite rmi nginx:1.27' }],
  load: () => import('../run/image-rm.ts'),
};
