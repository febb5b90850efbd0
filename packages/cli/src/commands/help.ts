// `ignite help` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Show help. */
export const help: CommandSpec = {
  path: ['help'],
  summary: 'Show help for a command',
  description: 'Shows what there is, what a group has, or everything about one command.',
  operands: '[COMMAND...]',
  fewest: 0,
  completes: ['command'],
  flags: [{ long: 'version', short: 'v', kind: 'bool', hidden: true, help: 'Show the version' }],
  examples: [
    { text: 'About run', command: 'ignite help run' },
    { text: 'What can be done with volumes', command: 'ignite help volume' },
  ],
  load: () => import('../run/help.ts'),
};
