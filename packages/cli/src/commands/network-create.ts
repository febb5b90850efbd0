// `ignite network create` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Make a network. */
export const networkCreate: CommandSpec = {
  path: ['network', 'create'],
  summary: 'Make a network',
  description: `Makes a network and prints its name. VMs of one network reach each other, by name too, and no VM of another. Without
--subnet a range is chosen that no route of the host has; one that overlaps a route or another network is refused. What
the network needs on the host is made with its first VM.`,
  operands: 'NETWORK',
  fewest: 1,
  most: 1,
  flags: [
    {
      long: 'subnet',
      kind: 'string',
      value: 'CIDR',
      help: 'IPv4 range of its addresses',
      fallback: 'a free /16',
    },
    {
      long: 'dns',
      kind: 'list',
      value: 'ADDRESS',
      element: /^\d/,
      help: 'Resolver to be asked instead of those of the host',
    },
    { long: 'mtu', kind: 'int', value: 'BYTES', help: 'Largest packet', fallback: "the uplink's" },
    {
      long: 'driver',
      short: 'd',
      kind: 'string',
      value: 'DRIVER',
      hidden: true,
      help: 'Only bridge',
      refused: { reason: 'networks that are made are bridges', when: /^(?!bridge$)/ },
    },
  ],
  examples: [
    { text: 'A network with a range of its own', command: 'ignite network create lab --subnet 10.80.0.0/24' },
    { text: 'A VM on it', command: 'ignite run -d --network lab,ip=10.80.0.10 --name db postgres' },
  ],
  load: () => import('../run/network-create.ts'),
};
