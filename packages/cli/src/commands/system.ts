// `ignite system info|status|start|stop` as data; install and uninstall are in system-install.ts, df and prune in
// system-df.ts.
import type { CommandSpec } from '../argv/spec.ts';
import type { FlagSpec } from '../argv/grammar.ts';

const objectFlag: FlagSpec = {
  long: 'output',
  also: ['format'],
  short: 'o',
  kind: 'string',
  value: 'FORM',
  choices: ['json', 'yaml'],
  help: 'json or yaml',
};

/** What the daemon knows about itself. */
export const systemInfo: CommandSpec = {
  path: ['system', 'info'],
  also: [['info']],
  summary: 'Show what the daemon is and has',
  description: 'Shows the state directory, counts of objects, and what the drivers found on this host.',
  operands: '',
  fewest: 0,
  most: 0,
  flags: [objectFlag],
  examples: [{ text: 'As an object', command: 'ignite system info -o json' }],
  load: () => import('../run/system-info.ts'),
};

/** Whether the daemon runs. */
export const systemStatus: CommandSpec = {
  path: ['system', 'status'],
  summary: 'Show whether the daemon runs, and how systemd sees it',
  description: `Starts nothing, unlike \`ignite system info\`. Exits with 1 where no daemon runs; the next command that needs one starts it,
with the restart policies of VMs.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [objectFlag],
  examples: [{ text: 'For a script', command: 'ignite system status -o json' }],
  load: () => import('../run/system-status.ts'),
};

/** Start the daemon. */
export const systemStart: CommandSpec = {
  path: ['system', 'start'],
  summary: 'Start the daemon',
  description: `Starts the daemon where none runs: by its systemd unit where \`ignite system install\` has made one, else in the background,
as any command does that needs it. VMs start as their restart policies say.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [],
  examples: [{ text: 'After `ignite system stop` and an upgrade', command: 'ignite system start' }],
  load: () => import('../run/system-start.ts'),
};

/** End the daemon. */
export const systemStop: CommandSpec = {
  path: ['system', 'stop'],
  summary: 'End the daemon; VMs keep running',
  description:
    'Asks the daemon to end. VMs keep running, and the next command starts it again. With --vms they are stopped first, ' +
    'and those with a restart policy start again with the next daemon. The systemd unit says --host-shutdown when the host ' +
    'goes down: `ps` then tells that they ended with it.',
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    { long: 'vms', kind: 'bool', help: 'Stop all VMs first' },
    { long: 'host-shutdown', kind: 'bool', help: 'Stop all VMs first, as the host goes down' },
  ],
  examples: [
    { text: 'Before an upgrade', command: 'ignite system stop' },
    { text: 'With all VMs', command: 'ignite system stop --vms' },
    { text: 'In a script that runs when the host goes down', command: 'ignite system stop --host-shutdown' },
  ],
  load: () => import('../run/system-stop.ts'),
};
