// `ignite image inspect` and `ignite kernel inspect` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { inspect } from './inspect.ts';

/** Show everything about images. */
export const imageInspect: CommandSpec = {
  ...inspect,
  path: ['image', 'inspect'],
  also: [],
  summary: 'Show everything about images',
  description: 'Prints an array of images.',
  operands: 'IMAGE...',
  completes: ['image'],
  examples: [{ text: 'One image', command: 'ignite image inspect debian:12' }],
  load: () => import('../run/image-inspect.ts'),
};

/** Show everything about kernels. */
export const kernelInspect: CommandSpec = {
  ...inspect,
  path: ['kernel', 'inspect'],
  also: [],
  summary: 'Show everything about kernels',
  description: 'Prints an array of kernels.',
  operands: 'KERNEL...',
  completes: ['kernel'],
  examples: [{ text: 'All kernels', command: 'ignite kernel inspect $(ignite kernels -q)' }],
  load: () => import('../run/kernel-inspect.ts'),
};
