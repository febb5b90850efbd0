// `ignite network denied` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { formatFlags } from './shared/common-flags.ts';

/** Show what a policy refused. */
export const networkDenied: CommandSpec = {
  path: ['network', 'denied'],
  summary: 'Show what its network policy refused a VM',
  description: `Lists where the VM wanted to and was refused in the last hour, most often first. What is to be allowed goes into
network.policy.allow of its spec, or another --policy is chosen.`,
  operands: 'VM',
  fewest: 1,
  most: 1,
  completes: ['vm'],
  flags: formatFlags,
  examples: [{ text: 'What was refused', command: 'ignite network denied web' }],
  load: () => import('../run/network-denied.ts'),
};
