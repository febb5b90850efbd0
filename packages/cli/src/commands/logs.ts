// `ignite logs` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Show what a VM has printed. */
export const logs: CommandSpec = {
  path: ['logs'],
  also: [['vm', 'logs']],
  summary: 'Show what a VM has printed',
  description: `In app mode the command's stdout and stderr, each on its own stream; in system mode the serial console. Works in
any state of the VM.`,
  operands: 'VM',
  fewest: 1,
  most: 1,
  completes: ['vm'],
  flags: [
    { long: 'details', kind: 'bool', hidden: true, help: 'No effect: a line has no more to it' },
    { long: 'follow', short: 'f', kind: 'bool', help: 'Go on as more comes' },
    {
      long: 'tail',
      also: ['lines'],
      short: 'n',
      kind: 'string',
      value: 'N',
      help: 'Only the last N lines',
      fallback: 'all',
    },
    {
      long: 'since',
      kind: 'string',
      value: 'TIME',
      help: 'Only from this time on: 2026-01-02T15:04:05Z, or 10m ago',
    },
    { long: 'until', kind: 'string', value: 'TIME', help: 'Only before this time' },
    { long: 'timestamps', short: 't', kind: 'bool', help: 'Put the time before each line' },
    { long: 'console', kind: 'bool', help: 'The serial console' },
    { long: 'vmm', kind: 'bool', help: 'What the VMM has printed' },
  ],
  examples: [
    { text: 'Follow a server', command: 'ignite logs -f --tail 20 web' },
    { text: 'Why did it not boot?', command: 'ignite logs --console my-vm' },
  ],
  load: () => import('../run/logs.ts'),
};
