// `ignite push` and `ignite image push` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { pullFlags } from './shared/create-flags.ts';

/** Upload an image to a registry. */
export const imagePush: CommandSpec = {
  path: ['image', 'push'],
  also: [['push']],
  summary: 'Upload an image to a registry',
  description: `Uploads an image under its own name, or under TARGET, and prints the reference with its digest. What the registry has
already is not sent again. Of an image for several platforms only this host's is here, and pushed.`,
  operands: 'IMAGE [TARGET]',
  fewest: 1,
  most: 2,
  completes: ['image'],
  flags: pullFlags,
  examples: [{ text: 'To a registry of your own', command: 'ignite push web:1 registry.example/team/web:1' }],
  load: () => import('../run/image-push.ts'),
};
