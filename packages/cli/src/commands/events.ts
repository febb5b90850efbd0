// `ignite events` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Show what happens. */
export const events: CommandSpec = {
  path: ['events'],
  also: [['system', 'events']],
  summary: 'Show what happens, as it happens',
  description: 'Prints events one a line until it is interrupted.',
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    { long: 'since', kind: 'int', value: 'N', help: 'Begin after the event of this number', fallback: 'now' },
    { long: 'no-follow', kind: 'bool', help: 'Stop at the newest' },
    { long: 'format', kind: 'string', value: 'FORMAT', help: 'json (one object a line) or a template' },
  ],
  examples: [{ text: 'For a program', command: 'ignite events --format json' }],
  load: () => import('../run/events.ts'),
};
