// `ignite ssh` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { timeoutFlag, identityFlag, insecureFlag } from './shared/common-flags.ts';

/** SSH into a VM. */
export const ssh: CommandSpec = {
  path: ['ssh'],
  also: [['vm', 'ssh']],
  summary: 'Open an SSH session to a VM',
  description: `Opens a shell, or runs a command, over SSH as root, with the key that --ssh made or the one given by -i. The VM needs
an SSH server and a network; \`ignite exec -it VM sh\` needs neither. The server's keys are asked of the VM's agent, never of the network, and
pinned: at the first boot, or when they are first needed where the server came later. A server with other keys is refused.`,
  operands: 'VM [COMMAND [ARG...]]',
  fewest: 1,
  most: 1,
  guestWords: true,
  completes: ['vm'],
  flags: [
    { ...identityFlag, short: 'i', help: "Private key, instead of the VM's own" },
    { long: 'tty', short: 't', kind: 'bool', help: 'Have a terminal in the VM', fallback: 'true' },
    {
      long: 'pin',
      kind: 'bool',
      help: 'Have the keys that the SSH server has now, as the agent tells them, take the place of the pinned ones',
    },
    insecureFlag,
    timeoutFlag,
  ],
  examples: [{ text: 'A shell by SSH', command: 'ignite ssh my-vm' }],
  load: () => import('../run/ssh.ts'),
};
