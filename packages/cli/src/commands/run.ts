// `ignite run` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { startFlags, startTimeoutFlag } from './shared/common-flags.ts';
import { createFlags } from './shared/create-flags.ts';

/** Create and start a VM. */
export const run: CommandSpec = {
  path: ['run'],
  also: [['vm', 'run']],
  summary: 'Create a VM from an image and start it',
  description: `Makes a VM from an OCI image, pulling the image if it is not here, and starts it.

An image with an init (systemd, OpenRC) boots as a machine: the command returns when the VM is up. Otherwise the
image's command, or COMMAND, runs in the VM; its output is shown and its exit code becomes ours. With -d the VM is
left running and its UID printed.

Options may also follow IMAGE; the first word that is none of ours, or --, begins the command for the guest.

Exit status: the command's own; 125 if Ignite failed, 126 if the command cannot be run, 127 if it was not found.`,
  operands: 'IMAGE [COMMAND [ARG...]]',
  fewest: 1,
  most: 1,
  guestWords: true,
  completes: ['image'],
  flags: [
    ...createFlags,
    { long: 'detach', short: 'd', kind: 'bool', help: 'Leave it running and print its UID' },
    { long: 'tty', short: 't', kind: 'bool', help: 'Give the command a terminal' },
    { long: 'rm', kind: 'bool', help: 'Remove the VM when it ends' },
    { long: 'keep-failed', kind: 'bool', help: 'Keep a VM that did not come up, to look at it' },
    { long: 'sig-proxy', kind: 'bool', help: 'Pass signals to the command', fallback: 'true' },
    ...startFlags,
    startTimeoutFlag,
  ],
  examples: [
    {
      text: 'A machine of its own, reachable by SSH',
      command: 'ignite run ubuntu:24.04 --cpus 2 --memory 1GB --ssh --name my-vm',
    },
    { text: 'One command, whose output and exit code are ours', command: 'ignite run --rm alpine uname -a' },
    { text: 'A web server in the background', command: 'ignite run -d -p 8080:80 --name web nginx' },
    { text: 'A shell', command: 'ignite run -it --rm debian bash' },
  ],
  load: () => import('../run/run.ts'),
};
