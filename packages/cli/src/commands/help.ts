// `ignite help` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Show help. */
export const help: CommandSpec = {
  path: ['help'],
  summary: 'Show help for a command',
  description: 'Shows what there is, or everything about one command.',
  operands: '[COMMAND...]',
  fewest: 0,
  completes: ['command'],
  flags: [{ long: 'version', kind: 'bool', hidden: true, help: 'Show the version' }],
  examples: [{ text: 'About run', command: 'ignite help run' }],
  load: () => import('../run/help.ts'),
};
