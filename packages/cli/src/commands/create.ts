// `ignite create` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { createFlags } from './shared/create-flags.ts';

/** Create a VM without starting it. */
export const create: CommandSpec = {
  path: ['create'],
  also: [['vm', 'create']],
  summary: 'Create a VM without starting it',
  description: `Makes a VM from an OCI image, pulling the image if it is not here, and prints its UID. Start it with
\`ignite start\`. Options may also follow IMAGE; the first word that is none of ours, or --, begins the command.`,
  operands: 'IMAGE [COMMAND [ARG...]]',
  fewest: 1,
  most: 1,
  guestWords: true,
  completes: ['image'],
  flags: [
    ...createFlags,
    { long: 'interactive', short: 'i', kind: 'bool', help: 'Keep stdin of the command open' },
    { long: 'tty', short: 't', kind: 'bool', help: 'Give the command a terminal' },
    { long: 'rm', kind: 'bool', help: 'Remove the VM when it ends' },
  ],
  examples: [
    {
      text: 'A VM with 1 GiB and two CPUs',
      command: 'ignite create ubuntu:24.04 --name my-vm --cpus 2 --memory 1GB',
    },
    { text: 'From a manifest', command: 'ignite create --config my-vm.yaml' },
  ],
  load: () => import('../run/create.ts'),
};
