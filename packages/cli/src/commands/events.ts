// `ignite events` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Show what happens. */
export const events: CommandSpec = {
  path: ['events'],
  also: [['system', 'events']],
  summary: 'Show what happens, as it happens',
  description: `Prints events one a line until it is interrupted. Events are numbered without gaps and kept (the last 64 MiB): with the
number of the last one seen, a program goes on where it was, whatever the daemon did meanwhile. What happened while no daemon
ran is reported when one does, with the time it happened at. Events that fell out of the store show as one \`gap\`. For a VM
whose agent or health comes and goes all the time one event a minute is emitted, with the number of those left out (\`leftOut\`).`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    {
      long: 'since',
      kind: 'string',
      value: 'N|TIME',
      help: 'Begin after the event of this number, or at this time: 2026-01-31T10:00:00Z, or 10m for ten minutes ago',
      fallback: 'now',
    },
    { long: 'until', kind: 'string', value: 'TIME', help: 'End at this time, in the same forms' },
    {
      long: 'filter',
      short: 'f',
      kind: 'list',
      value: 'KEY=VALUE',
      help: 'Only events for which this holds: type=vm, event=die, vm=NAME, health=unhealthy or another attribute',
    },
    { long: 'no-follow', kind: 'bool', help: 'Stop at the newest' },
    {
      long: 'format',
      kind: 'string',
      value: 'FORMAT',
      offers: ['json'],
      help: 'json (one object a line) or a template',
    },
  ],
  examples: [
    { text: 'For a program', command: 'ignite events --format json --since 1042' },
    { text: 'Which VMs ended in the last hour', command: 'ignite events --since 1h --until 0s -f event=die' },
  ],
  load: () => import('../run/events.ts'),
};
