// `ignite image prune` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { yesFlag } from './shared/common-flags.ts';

/** Remove unused images. */
export const imagePrune: CommandSpec = {
  path: ['image', 'prune'],
  summary: 'Remove images that nothing uses',
  description: `Removes images that lost their name to a newer one and that no VM uses, with -a all images that no VM uses, and prints the
UID of each. On a terminal it asks first.`,
  operands: '',
  fewest: 0,
  most: 0,
  flags: [
    { long: 'all', short: 'a', kind: 'bool', help: 'Images with a name, too' },
    { long: 'force', short: 'f', kind: 'bool', help: 'Do not ask' },
    yesFlag,
  ],
  examples: [{ text: 'Make room', command: 'ignite image prune -a' }],
  load: () => import('../run/image-prune.ts'),
};
