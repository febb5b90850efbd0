// `ignite wait` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Wait for VMs to stop. */
export const wait: CommandSpec = {
  path: ['wait'],
  also: [['vm', 'wait']],
  summary: 'Wait until VMs stop and print their exit codes',
  description: 'Waits for each VM in turn and prints its exit code, one a line.',
  operands: 'VM...',
  fewest: 1,
  completes: ['vm'],
  flags: [
    {
      long: 'condition',
      kind: 'string',
      value: 'WHAT',
      choices: ['stopped', 'removed'],
      help: 'What to wait for',
      fallback: 'stopped',
    },
  ],
  examples: [{ text: 'The exit code of a job', command: 'ignite wait job' }],
  load: () => import('../run/wait.ts'),
};
