// `ignite rmk` and `ignite kernel rm` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { yesFlag } from './shared/common-flags.ts';

/** Remove kernels. */
export const kernelRm: CommandSpec = {
  path: ['kernel', 'rm'],
  also: [['rmk'], ['kernel', 'remove']],
  summary: 'Remove kernels',
  description: `Removes kernels and prints the UID of each. A kernel that a VM uses needs -f, which ends and removes those VMs and
names each; on a terminal it asks first. References are exact.`,
  operands: 'KERNEL...',
  fewest: 1,
  completes: ['kernel'],
  flags: [{ long: 'force', short: 'f', kind: 'bool', help: 'Remove the VMs that use it first' }, yesFlag],
  examples: [{ text: 'Remove a kernel', command: 'ignite rmk apt:linux-image-6.1.0-56-cloud-amd64' }],
  load: () => import('../run/kernel-rm.ts'),
};
