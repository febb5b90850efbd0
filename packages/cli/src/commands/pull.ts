// `ignite pull` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { pullFlags } from './shared/create-flags.ts';

/** Pull an image. */
export const pull: CommandSpec = {
  path: ['pull'],
  also: [['image', 'pull']],
  summary: 'Pull an image from a registry',
  description: `Pulls an OCI image and makes it ready to boot, also if one of that name is here already, and prints its reference.`,
  operands: 'IMAGE',
  fewest: 1,
  most: 1,
  completes: ['image'],
  flags: [
    ...pullFlags,
    { long: 'platform', kind: 'string', value: 'OS/ARCH', help: "Platform of the image; only this host's" },
  ],
  examples: [{ text: 'Get an image', command: 'ignite pull nginx:1.27' }],
  load: () => import('../run/pull.ts'),
};
