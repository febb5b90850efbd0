// `ignite top` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Processes in a VM. */
export const top: CommandSpec = {
  path: ['top'],
  also: [['vm', 'top']],
  summary: 'Show the processes in a VM',
  description: `Lists the processes of the guest, without its kernel's own; in app mode those of the command and what it started.
The image needs no program for it.`,
  operands: 'VM',
  fewest: 1,
  most: 1,
  completes: ['vm'],
  flags: [
    {
      long: 'format',
      kind: 'string',
      value: 'FORMAT',
      choices: ['table', 'json'],
      help: 'json: one object a line',
    },
  ],
  examples: [{ text: 'What runs in it', command: 'ignite top web' }],
  load: () => import('../run/top.ts'),
};
