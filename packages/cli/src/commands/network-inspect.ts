// `ignite network inspect` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { inspect } from './inspect.ts';

/** Show everything about networks. */
export const networkInspect: CommandSpec = {
  ...inspect,
  path: ['network', 'inspect'],
  also: [],
  summary: 'Show everything about networks',
  description: 'Prints an array of networks: range, gateway, resolvers, and the VMs that are bound to each.',
  operands: 'NETWORK...',
  completes: ['network'],
  examples: [
    { text: 'One network', command: 'ignite network inspect lab' },
    { text: 'Its gateway', command: "ignite network inspect -f '{{.status.gateway}}' lab" },
  ],
  load: () => import('../run/network-inspect.ts'),
};
