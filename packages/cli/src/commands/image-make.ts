// `ignite image make` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Build a machine image from a distribution's packages. */
export const imageMake: CommandSpec = {
  path: ['image', 'make'],
  summary: "Build a machine image from a distribution's packages",
  description: `Builds an image with systemd and an SSH server from the packages of a distribution, without Docker, and prints its
UID.`,
  operands: 'DISTRIBUTION',
  fewest: 1,
  most: 1,
  flags: [
    {
      long: 'suite',
      also: ['release'],
      kind: 'string',
      value: 'SUITE',
      help: 'Release of the distribution',
      fallback: "the host's, else bookworm",
    },
    {
      long: 'mirror',
      kind: 'string',
      value: 'URL',
      help: 'Where packages come from',
      fallback: "the host's",
    },
    {
      long: 'package',
      also: ['packages'],
      kind: 'list',
      value: 'PACKAGE',
      element: /./,
      help: 'Install this too',
    },
    {
      long: 'tag',
      also: ['reference', 'name'],
      short: 't',
      kind: 'string',
      value: 'IMAGE',
      help: 'Name of the image',
      fallback: 'DISTRIBUTION:SUITE',
    },
  ],
  examples: [
    { text: 'A Debian machine', command: 'ignite image make debian --suite bookworm -t my-debian:12' },
  ],
  load: () => import('../run/image-make.ts'),
};
