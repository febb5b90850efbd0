// `ignite cp` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { identityFlag, insecureFlag, timeoutFlag } from './shared/common-flags.ts';

/** Copy files. */
export const cp: CommandSpec = {
  path: ['cp'],
  also: [['vm', 'cp']],
  summary: 'Copy files between the host and a VM',
  description: `Copies a file or a folder into a VM or out of it. The side with VM: is the VM's; what follows the first colon is the
path there. A - instead of the host's path is a tar stream on stdin or stdout. A folder copied onto a folder of its own
name merges with it, otherwise it goes inside. Copied files belong to root unless -a is given. A named symlink is
followed, links inside folders are kept. Without SSH; with -i, by SSH.`,
  operands: 'SOURCE TARGET',
  fewest: 2,
  most: 2,
  completes: ['vm', 'file'],
  flags: [
    { long: 'archive', short: 'a', kind: 'bool', help: 'Keep owner and group' },
    {
      long: 'follow-link',
      short: 'L',
      kind: 'bool',
      hidden: true,
      help: 'No effect: a named symlink is always followed',
    },
    { ...identityFlag, short: 'i' },
    insecureFlag,
    timeoutFlag,
  ],
  examples: [
    { text: 'Into a VM', command: 'ignite cp site/ web:/var/www/html' },
    { text: 'Out of a VM', command: 'ignite cp web:/var/log/nginx .' },
    { text: 'As a tar stream', command: 'ignite cp web:/etc - > etc.tar' },
  ],
  load: () => import('../run/cp.ts'),
};
