// `ignite build` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Build an image. */
export const build: CommandSpec = {
  path: ['build'],
  also: [['image', 'build']],
  summary: 'Build an image from a Dockerfile and a folder',
  description: `Builds an image with the builder that this host has (buildah, else Docker, else BuildKit's buildctl), brings it here, and
prints its UID. The builder runs with your rights and settings and keeps its cache, and what it prints goes to stderr.
CONTEXT is a folder, an address that the builder reads, or \`-\`: stdin, a tar of the folder or the Dockerfile alone.`,
  operands: 'CONTEXT|-',
  fewest: 1,
  most: 1,
  completes: ['file'],
  flags: [
    { long: 'tag', short: 't', kind: 'list', value: 'IMAGE', help: 'Name for the image' },
    {
      long: 'file',
      short: 'f',
      kind: 'string',
      value: 'FILE',
      completes: 'file',
      help: 'The Dockerfile; - is stdin',
      fallback: 'CONTEXT/Dockerfile, or Containerfile',
    },
    { long: 'build-arg', kind: 'list', value: 'NAME=VALUE', help: 'Value of an ARG of the Dockerfile' },
    { long: 'target', kind: 'string', value: 'STAGE', help: 'Stop at this stage' },
    { long: 'platform', kind: 'string', value: 'PLATFORM', help: "Must be this host's" },
    { long: 'no-cache', kind: 'bool', help: 'Do every step anew' },
    { long: 'pull', kind: 'bool', help: 'Ask registries for newer base images' },
    {
      long: 'builder',
      kind: 'string',
      value: 'BUILDER',
      choices: ['buildah', 'docker', 'buildctl'],
      help: 'Which builder',
      fallback: 'the first of these that is installed',
    },
  ],
  examples: [
    { text: 'This folder', command: 'ignite build -t web:1 .' },
    { text: 'Then boot it', command: 'ignite run web:1' },
    { text: 'One stage, with an argument', command: 'ignite build -t web:1 --target prod --build-arg V=2 .' },
  ],
  load: () => import('../run/build.ts'),
};
