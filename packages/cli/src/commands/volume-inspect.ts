// `ignite volume inspect` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { inspect } from './inspect.ts';

/** Show everything about volumes. */
export const volumeInspect: CommandSpec = {
  ...inspect,
  path: ['volume', 'inspect'],
  also: [],
  summary: 'Show everything about volumes',
  description: 'Prints an array of volumes: size, file, and the VMs that use each.',
  operands: 'VOLUME...',
  completes: ['volume'],
  examples: [
    { text: 'One volume', command: 'ignite volume inspect data' },
    { text: 'Its file', command: "ignite volume inspect -f '{{.status.path}}' data" },
  ],
  load: () => import('../run/volume-inspect.ts'),
};
