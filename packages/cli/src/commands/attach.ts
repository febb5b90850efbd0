// `ignite attach` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Connect the terminal to a running VM. */
export const attach: CommandSpec = {
  path: ['attach'],
  also: [['vm', 'attach']],
  summary: 'Connect to the command or console of a running VM',
  description: `In app mode the command's own input and output; in system mode the serial console. ^P^Q detaches and leaves the VM
running. Works without a terminal too: stdin is then sent as it is.`,
  operands: 'VM',
  fewest: 1,
  most: 1,
  completes: ['vm'],
  flags: [
    { long: 'no-stdin', kind: 'bool', help: 'Send nothing' },
    { long: 'console', kind: 'bool', help: 'The serial console in app mode too' },
    {
      long: 'detach-keys',
      kind: 'string',
      value: 'KEYS',
      help: 'Keys that detach',
      fallback: 'ctrl-p,ctrl-q',
    },
    { long: 'sig-proxy', kind: 'bool', help: 'Pass signals on to the command', fallback: 'true' },
  ],
  examples: [{ text: 'Look at the console of a machine', command: 'ignite attach my-vm' }],
  load: () => import('../run/attach.ts'),
};
