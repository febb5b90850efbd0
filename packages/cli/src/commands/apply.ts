// `ignite apply`, `ignite diff` and `ignite delete` as data: VMs as manifests say.
import type { CommandSpec } from '../argv/spec.ts';
import type { FlagSpec } from '../argv/grammar.ts';
import { pullFlags } from './shared/create-flags.ts';

const fileFlags: readonly FlagSpec[] = [
  {
    long: 'filename',
    also: ['file'],
    short: 'f',
    kind: 'list',
    value: 'FILE|DIR|-',
    completes: 'file',
    help: 'Manifest, folder of manifests (.yaml, .yml, .json; subfolders too), or stdin',
  },
  {
    long: 'selector',
    short: 'l',
    kind: 'string',
    value: 'SELECTOR',
    help: 'Only objects with such labels: a=b, a!=b, a, !a, a in (b,c)',
  },
];

const changeFlags: readonly FlagSpec[] = [
  {
    long: 'prune',
    kind: 'bool',
    help: 'Remove VMs that were applied, fit the selector, and are declared no more; needs -l or --all',
  },
  { long: 'all', kind: 'bool', help: 'With --prune: whatever their labels' },
  {
    long: 'allow-recreate',
    kind: 'bool',
    help: 'Make VMs anew where a field cannot change otherwise; their disks are lost',
  },
  { long: 'take-over', kind: 'bool', help: 'Also VMs that a folder or a Git source manages' },
];

const outputFlag: FlagSpec = {
  long: 'output',
  short: 'o',
  kind: 'string',
  value: 'FORM',
  choices: ['json', 'yaml'],
  help: 'Everything about each object as json or yaml',
};

const dryRunFlag: FlagSpec = {
  long: 'dry-run',
  kind: 'bool',
  help: 'Say what would be done, and do nothing',
};

/** Make VMs as declared. */
export const apply: CommandSpec = {
  path: ['apply'],
  summary: 'Make VMs as manifests declare them',
  description: `Reads manifests, several objects a file, of ignite.vm/v1beta1 and of the original's v1alpha2 to v1alpha4, and makes, changes,
starts and stops VMs until they are as declared. A change that needs a start starts a running VM again; one that needs a
new VM is refused without --allow-recreate or the annotation ignite.vm/on-change: recreate. Nothing is removed without
--prune, and nothing that \`ignite protect\` guards.`,
  operands: '',
  fewest: 0,
  most: 0,
  instead: '`ignite apply -f FILE` names a manifest',
  flags: [...fileFlags, ...changeFlags, dryRunFlag, outputFlag, ...pullFlags],
  examples: [
    { text: 'One manifest', command: 'ignite apply -f my-vm.yaml' },
    { text: 'A folder, and nothing else of its label', command: 'ignite apply -f vms/ --prune -l app=web' },
  ],
  load: () => import('../run/apply.ts'),
};

/** What apply would change. */
export const diff: CommandSpec = {
  path: ['diff'],
  summary: 'Show what apply would change',
  description: `Prints for each VM and each field what differs, and when it would take effect: live, next start, restart, recreate.
Exits 0 where nothing differs, 1 where something does, 2 where an object is refused.`,
  operands: '',
  fewest: 0,
  most: 0,
  instead: '`ignite diff -f FILE` names a manifest',
  flags: [...fileFlags, ...changeFlags, outputFlag],
  examples: [{ text: 'Before an apply', command: 'ignite diff -f my-vm.yaml' }],
  load: () => import('../run/diff.ts'),
};

/** Remove what manifests declare. */
export const deleteFiles: CommandSpec = {
  path: ['delete'],
  summary: 'Remove the VMs that manifests declare',
  description: `Removes the VMs that manifests name by UID or name, running ones too, and prints the UID of each. One that is not here is
no error.`,
  operands: '',
  fewest: 0,
  most: 0,
  instead: '`ignite rm VM` removes a VM',
  flags: [...fileFlags, dryRunFlag],
  examples: [{ text: 'What a file declares', command: 'ignite delete -f my-vm.yaml' }],
  load: () => import('../run/delete.ts'),
};
