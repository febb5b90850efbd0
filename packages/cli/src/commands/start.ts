// `ignite start` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { startFlags, startTimeoutFlag } from './shared/common-flags.ts';
import { runtimeFlags } from './shared/create-flags.ts';

/** Start stopped VMs. */
export const start: CommandSpec = {
  path: ['start'],
  also: [['vm', 'start']],
  summary: 'Start stopped VMs',
  description: `Starts VMs that are stopped and prints the UID of each. A VM that runs already is no error. With -a or -i
the VM's output is shown and its exit code becomes ours; then only one VM can be named.`,
  operands: 'VM...',
  fewest: 1,
  completes: ['vm'],
  flags: [
    ...startFlags.map((flag) =>
      flag.long === 'attach'
        ? { long: 'attach', short: 'a', kind: 'bool' as const, help: 'Attach to its output' }
        : flag,
    ),
    {
      long: 'detach',
      short: 'd',
      kind: 'bool',
      hidden: true,
      help: 'No effect: start returns when the VM is up',
    },
    startTimeoutFlag,
    ...runtimeFlags,
  ],
  examples: [
    { text: 'Start a VM', command: 'ignite start my-vm' },
    { text: 'Start it and watch its output', command: 'ignite start -a my-vm' },
  ],
  load: () => import('../run/start.ts'),
};
