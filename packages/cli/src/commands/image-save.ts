// `ignite save` and `ignite image save` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Write images to an archive. */
export const imageSave: CommandSpec = {
  path: ['image', 'save'],
  also: [['save']],
  summary: 'Write images to an archive',
  description: `Writes images as one OCI archive, to FILE or to stdout. \`ignite load\`, \`docker load\`, skopeo and podman read it.`,
  operands: 'IMAGE...',
  fewest: 1,
  completes: ['image'],
  flags: [
    {
      long: 'output',
      short: 'o',
      kind: 'string',
      value: 'FILE',
      completes: 'file',
      help: 'Write to this file',
      fallback: 'stdout',
    },
  ],
  examples: [
    { text: 'To a file', command: 'ignite save -o web.tar web:1' },
    { text: 'To another host', command: 'ignite save web:1 | ssh HOST ignite load' },
  ],
  load: () => import('../run/image-save.ts'),
};
