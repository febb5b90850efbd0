// `ignite gc` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Remove what belongs to nothing. */
export const gc: CommandSpec = {
  path: ['gc'],
  also: [['system', 'gc']],
  summary: 'Remove what Ignite has left on the host and nothing needs',
  description: `Lists processes, mounts, interfaces, namespaces, firewall rules, control groups and folders that carry the mark of this Ignite and belong
to no VM and no network of it, then removes them. Images, volumes, disks of VMs and what belongs to another Ignite on the
same host are never touched. The daemon does the same by itself every ten minutes.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    { long: 'dry-run', kind: 'bool', help: 'Only list them' },
    {
      long: 'format',
      kind: 'string',
      value: 'FORMAT',
      choices: ['table', 'json'],
      help: 'json: one object a line',
    },
  ],
  examples: [{ text: 'What would be removed', command: 'ignite gc --dry-run' }],
  load: () => import('../run/gc.ts'),
};
