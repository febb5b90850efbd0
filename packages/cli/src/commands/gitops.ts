// `ignite gitops …` as data: folders and repositories that declare VMs.
import type { CommandSpec } from '../argv/spec.ts';
import type { FlagSpec } from '../argv/grammar.ts';
import { newVmFlags } from './shared/create-flags.ts';

const outputFlag: FlagSpec = {
  long: 'output',
  short: 'o',
  kind: 'string',
  value: 'FORM',
  choices: ['json', 'yaml'],
  help: 'Everything as json or yaml',
};

/** Follow a repository. */
export const gitops: CommandSpec = {
  path: ['gitops', 'follow'],
  summary: 'Keep VMs as a Git repository declares them',
  description: `Has the daemon follow a repository for as long as this command runs, as \`ignited gitops URL\` does; \`ignite gitops URL\` is the
same. VMs stay when it ends. A commit is applied as one: every VM is planned first, then all are brought to it side by side. An
empty tree, or one that loses more than three VMs and half of them, waits for \`ignite gitops approve\`, and so does a change that only a
new VM can have, unless its manifest allows it (\`ignite.vm/on-change: recreate\`).`,
  operands: 'URL',
  fewest: 1,
  most: 1,
  flags: [
    {
      long: 'branch',
      short: 'b',
      kind: 'string',
      value: 'NAME',
      help: 'Branch to follow',
      fallback: 'the one HEAD names',
    },
    { long: 'path', kind: 'string', value: 'DIR', help: 'Only this folder of the repository' },
    {
      long: 'selector',
      short: 'l',
      kind: 'string',
      value: 'SELECTOR',
      help: 'Only objects with such labels',
    },
    { long: 'interval', kind: 'string', value: 'DURATION', help: 'Time between looks', fallback: '30s' },
    { long: 'timeout', kind: 'string', value: 'DURATION', help: 'For one Git operation', fallback: '1m0s' },
    { long: 'identity-file', kind: 'string', value: 'FILE', completes: 'file', help: 'Private key for ssh' },
    { long: 'hosts-file', kind: 'string', value: 'FILE', completes: 'file', help: 'Known hosts for ssh' },
    { long: 'https-username', kind: 'string', value: 'NAME', help: 'User for https' },
    {
      long: 'https-password',
      kind: 'string',
      value: 'WORD',
      hidden: true,
      help: 'Seen by everybody who lists processes',
    },
    {
      long: 'https-token-file',
      kind: 'string',
      value: 'FILE',
      completes: 'file',
      help: 'Token for https; or IGNITE_GIT_TOKEN',
    },
    { long: 'credential-helper', kind: 'string', value: 'NAME', help: 'A helper of git-credential' },
    { long: 'ca-file', kind: 'string', value: 'FILE', completes: 'file', help: 'Certificates of the server' },
    {
      long: 'write-back',
      kind: 'string',
      value: 'WHERE',
      choices: ['branch', 'main', 'ignite'],
      help: 'Commit what is changed by hand: to a branch of its own, to the followed one, or as the original did',
    },
    {
      long: 'write-branch',
      kind: 'string',
      value: 'NAME',
      help: 'Branch of its own for --write-back=branch',
      fallback: 'ignite/HOSTNAME',
    },
    ...newVmFlags,
  ],
  examples: [{ text: 'A repository', command: 'ignite gitops https://git.example.org/vms.git' }],
  load: () => import('../run/gitops.ts'),
};

/** What became of the sources. */
export const gitopsStatus: CommandSpec = {
  path: ['gitops', 'status'],
  summary: 'Show sources: revision, what was applied, failures, drift',
  description: `Lists the folders and repositories that the daemon follows, with the revision that was applied, files that are wrong, VMs that
failed or drifted, and removals that wait. Exits 1 where something is not good.`,
  operands: '[SOURCE]',
  fewest: 0,
  most: 1,
  completes: ['source'],
  flags: [outputFlag],
  examples: [{ text: 'All of them', command: 'ignite gitops status' }],
  load: () => import('../run/gitops-status.ts'),
};

/** Allow a removal. */
export const gitopsApprove: CommandSpec = {
  path: ['gitops', 'approve'],
  summary: 'Allow what waits: VMs to be removed, or made anew',
  description: `Allows what \`ignite gitops status\` shows as waiting, for the revision it shows and no other: the removal of many VMs, and that VMs
whose change needs a new disk are made anew.`,
  operands: '[SOURCE]',
  fewest: 0,
  most: 1,
  completes: ['source'],
  flags: [],
  examples: [{ text: 'After a look at what goes', command: 'ignite gitops approve' }],
  load: () => import('../run/gitops-approve.ts'),
};

/** Look now. */
export const gitopsSync: CommandSpec = {
  path: ['gitops', 'sync'],
  summary: 'Look at a source now, and wait until what is found is applied',
  description: 'For a hook of the server or a script: does not wait for the interval.',
  operands: '[SOURCE]',
  fewest: 0,
  most: 1,
  completes: ['source'],
  flags: [outputFlag],
  examples: [{ text: 'After a push', command: 'ignite gitops sync' }],
  load: () => import('../run/gitops-sync.ts'),
};
