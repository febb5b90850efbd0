// `ignite doctor` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Check the host. */
export const doctor: CommandSpec = {
  path: ['doctor'],
  summary: 'Check whether this host can run VMs',
  description: `Looks at the host and says what is missing, and what to type to fix it. Needs no root and no daemon.

Exit status: 0 if VMs can run, 1 if something that is needed is missing.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    {
      long: 'output',
      short: 'o',
      kind: 'string',
      value: 'FORM',
      choices: ['json'],
      help: 'json: all results as an object',
    },
    {
      long: 'ports',
      short: 'p',
      kind: 'list',
      value: 'PORT',
      element: /^\d/,
      help: 'Check too whether this TCP port is free',
    },
  ],
  examples: [{ text: 'Before the first run', command: 'ignite doctor' }],
  load: () => import('../run/doctor.ts'),
};
