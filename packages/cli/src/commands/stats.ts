// `ignite stats` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** What VMs use. */
export const stats: CommandSpec = {
  path: ['stats'],
  also: [['vm', 'stats']],
  summary: 'Show what VMs use: processor, memory, network, disk',
  description: `Shows running VMs, or those named, again every second until it is interrupted. CPU % and MEM are what the VM costs
the host, with its VMM and cached blocks of its disk, so that it can be more than the memory it was given; GUEST MEM is what its own
kernel has in use. The rest are sums since it was started.`,
  operands: '[VM...]',
  fewest: 0,
  completes: ['vm'],
  flags: [
    { long: 'no-stream', kind: 'bool', help: 'Show it once' },
    { long: 'all', short: 'a', kind: 'bool', hidden: true, help: 'No effect: a stopped VM uses nothing' },
    { long: 'no-trunc', kind: 'bool', hidden: true, help: 'No effect: nothing is cut' },
    {
      long: 'format',
      kind: 'string',
      value: 'FORMAT',
      offers: ['table', 'json'],
      help: 'table, json (one object a line), or a template such as "{{.Name}} {{.CPUPerc}}"',
    },
  ],
  examples: [
    { text: 'Watch all VMs', command: 'ignite stats' },
    { text: 'For a program', command: 'ignite stats --no-stream --format json' },
  ],
  load: () => import('../run/stats.ts'),
};
