// `ignite tag` and `ignite image tag` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Give an image another name. */
export const imageTag: CommandSpec = {
  path: ['image', 'tag'],
  also: [['tag']],
  summary: 'Give an image another name',
  description: `Lets TARGET mean the image that SOURCE means now.`,
  operands: 'SOURCE TARGET',
  fewest: 2,
  most: 2,
  completes: ['image'],
  flags: [],
  examples: [{ text: 'A name of your own', command: 'ignite tag debian:12 base:latest' }],
  load: () => import('../run/image-tag.ts'),
};
