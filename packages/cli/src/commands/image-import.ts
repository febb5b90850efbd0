// `ignite image import` as data.
import type { CommandSpec } from '../argv/spec.ts';
import { importRuntimeFlag, pullFlags } from './shared/create-flags.ts';

/** Import an image. */
export const imageImport: CommandSpec = {
  path: ['image', 'import'],
  summary: 'Pull an image if it is not here, and make it ready to boot',
  description: `Gets an OCI image from its registry unless it is here already, and prints its UID.
\`docker://IMAGE\` takes it from the local Docker, \`containerd://[NAMESPACE@]IMAGE\` from the local containerd; so does
--runtime docker or containerd (namespace firecracker), which lets that program pull what it lacks.`,
  operands: 'IMAGE',
  fewest: 1,
  most: 1,
  completes: ['image'],
  flags: [...pullFlags, importRuntimeFlag],
  examples: [
    { text: 'Get an image ready', command: 'ignite image import ubuntu:24.04' },
    { text: 'What Docker built', command: 'ignite image import docker://web:1' },
  ],
  load: () => import('../run/image-import.ts'),
};
