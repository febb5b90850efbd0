// `ignite system …` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** What the daemon knows about itself. */
export const systemInfo: CommandSpec = {
  path: ['system', 'info'],
  also: [['info'], ['system', 'status']],
  summary: 'Show what the daemon is and has',
  description: 'Shows the state directory, counts of objects, and what the drivers found on this host.',
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
      choices: ['json', 'yaml'],
      help: 'json or yaml',
    },
  ],
  examples: [{ text: 'As an object', command: 'ignite system info -o json' }],
  load: () => import('../run/system-info.ts'),
};

/** End the daemon. */
export const systemStop: CommandSpec = {
  path: ['system', 'stop'],
  summary: 'End the daemon; VMs keep running',
  description:
    'Asks the daemon to end. VMs keep running, and the next command starts it again. With --vms they are stopped first, ' +
    'as when the host goes down: those with a restart policy start again with the next daemon.',
  operands: '',
  fewest: 0,
  most: 0,
  flags: [{ long: 'vms', kind: 'bool', help: 'Stop all VMs first' }],
  examples: [
    { text: 'Before an upgrade', command: 'ignite system stop' },
    { text: 'Before the host goes down', command: 'ignite system stop --vms' },
  ],
  load: () => import('../run/system-stop.ts'),
};
