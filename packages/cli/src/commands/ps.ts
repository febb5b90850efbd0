// `ignite ps`, `ignite vm` and `ignite vm ls` as data.
import type { CommandSpec } from '../argv/spec.ts';
import type { FlagSpec } from '../argv/grammar.ts';
import { formatFlags } from './shared/common-flags.ts';

const flags: readonly FlagSpec[] = [
  { long: 'all', short: 'a', kind: 'bool', help: 'Stopped VMs too' },
  {
    long: 'filter',
    short: 'f',
    kind: 'list',
    value: 'FILTER',
    help: 'Only VMs for which this holds: name=X, status=running, label=K[=V], or "{{.ObjectMeta.Name}}=X"',
  },
  {
    long: 'template',
    short: 't',
    kind: 'list',
    value: 'TEMPLATE',
    help: "Go template over the original's fields, one line a VM",
  },
  { long: 'last', short: 'n', kind: 'int', value: 'N', help: 'Only the N newest, running or not' },
  { long: 'latest', short: 'l', kind: 'bool', help: 'Only the newest, running or not' },
  { long: 'size', short: 's', kind: 'bool', hidden: true, help: 'No effect: SIZE is always shown' },
  ...formatFlags,
];

const description = `Lists running VMs, with -a all. STATUS begins with Up, Stopped, Starting, Paused, Failed or Broken. With -q only
UIDs are printed, one a line.

--format takes Docker's names (ID, Image, Names, Status, Ports, CreatedAt, Labels …), -t the original's
(.ObjectMeta.Name, .Spec.Memory, .Status.Running …).`;

const examples = [
  { text: 'Names and addresses of running VMs', command: `ignite ps --format 'table {{.Names}}\\t{{.IPs}}'` },
  { text: 'All VMs of a cluster', command: 'ignite ps -a -f label=cluster=test' },
];

/** List VMs. */
export const ps: CommandSpec = {
  path: ['ps'],
  also: [['vm', 'ps']],
  summary: 'List VMs',
  description,
  operands: '',
  fewest: 0,
  most: 0,
  instead: '`ignite ps -a -f name=NAME` lists those of a name',
  flags,
  examples,
  load: () => import('../run/ps.ts'),
};

/** The same, with stopped ones, as `ignite vm` of the original. */
export const vmLs: CommandSpec = {
  ...ps,
  path: ['vm', 'ls'],
  also: [['vm', 'list']],
  summary: 'List all VMs, stopped ones too',
  load: () => import('../run/vm-ls.ts'),
};
