// `ignite update` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { RESTART_POLICIES } from './shared/common-flags.ts';
import { capFlags, sizeFlags } from './shared/create-flags.ts';

/** Change size, caps and network policy of VMs. */
export const update: CommandSpec = {
  path: ['update'],
  also: [['vm', 'update']],
  summary: 'Change size, caps and network policy of VMs',
  description: `Changes what each VM has and may take, and prints its UID. Of a running VM the disk grows at once, as do caps where host and
VMM can; processors, memory and what it may reach follow with its next start (\`ignite restart\`), and the command says what
waits. A cap of 0 removes it. A disk never shrinks.`,
  operands: 'VM...',
  fewest: 1,
  completes: ['vm'],
  flags: [
    ...sizeFlags,
    ...capFlags,
    {
      long: 'restart',
      kind: 'string',
      value: 'POLICY',
      offers: RESTART_POLICIES,
      help: 'When it is started again: no, on-failure[:N], always, unless-stopped',
    },
    {
      long: 'policy',
      kind: 'string',
      value: 'PRESET',
      choices: ['lan', 'public', 'isolated', 'none'],
      help: 'What the VM may reach: lan, public (no private ranges), isolated (its own network), none (DNS only)',
    },
    {
      long: 'allow',
      kind: 'list',
      value: 'RANGE[:PROTOCOL[/PORT]]',
      element: /^\d+(\.\d+){3}/,
      help: 'All that it may reach beyond its policy: 10.1.0.0/16, 10.1.2.3:tcp/5432; `none` takes the rules away',
    },
    {
      long: 'format',
      kind: 'string',
      value: 'FORMAT',
      choices: ['json'],
      help: 'json: one object a VM with what holds now and what from the next start on',
    },
  ],
  examples: [
    { text: 'More room, at once', command: 'ignite update web --disk 40GB' },
    {
      text: 'More of everything, the rest with a restart',
      command: 'ignite update web --memory 4GB --cpus 4 --disk-iops 500',
    },
    { text: 'The database, too', command: 'ignite update web --policy public --allow 10.1.2.3:tcp/5432' },
    { text: 'No cap any more', command: 'ignite update web --net-bw 0' },
  ],
  load: () => import('../run/update.ts'),
};
