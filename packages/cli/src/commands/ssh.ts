// `ignite ssh` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { timeoutFlag, identityFlag } from './shared/common-flags.ts';

/** SSH into a VM. */
export const ssh: CommandSpec = {
  path: ['ssh'],
  also: [['vm', 'ssh']],
  summary: 'Open an SSH session to a VM',
  description: `Opens a shell, or runs a command, over SSH as root, with the key that --ssh made or the one given by -i. The VM needs
an SSH server and a network; \`ignite exec -it VM sh\` needs neither.`,
  operands: 'VM [COMMAND [ARG...]]',
  fewest: 1,
  most: 1,
  guestWords: true,
  completes: ['vm'],
  flags: [
    { ...identityFlag, short: 'i', help: "Private key, instead of the VM's own" },
    { long: 'tty', short: 't', kind: 'bool', help: 'Have a terminal in the VM', fallback: 'true' },
    timeoutFlag,
  ],
  examples: [{ text: 'A shell by SSH', command: 'ignite ssh my-vm' }],
  load: () => import('../run/ssh.ts'),
};
