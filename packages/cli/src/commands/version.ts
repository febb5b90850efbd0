// `ignite version` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Show the version. */
export const version: CommandSpec = {
  path: ['version'],
  summary: 'Show the version',
  description: `Shows the version of this program. Starts no daemon.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    {
      long: 'output',
      also: ['format'],
      short: 'o',
      kind: 'string',
      value: 'FORM',
      choices: ['short', 'json', 'yaml'],
      help: 'short: the version only; json; yaml',
    },
  ],
  examples: [{ text: 'For a script', command: 'ignite version -o short' }],
  load: () => import('../run/version.ts'),
};
