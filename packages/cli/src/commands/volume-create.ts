// `ignite volume create` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Make a volume. */
export const volumeCreate: CommandSpec = {
  path: ['volume', 'create'],
  summary: 'Make a volume',
  description: `Makes a volume, an ext4 file system with a name, and prints the name. A volume outlives the VMs that use it; it takes only the
room that is written to, and grows with \`ignite volume resize\`. Making one that is there already is no error, unless it
is smaller than what is asked for. \`-v NAME:/PATH\` of run and create makes it too.`,
  operands: '[NAME]',
  fewest: 0,
  most: 1,
  flags: [
    { long: 'size', short: 's', kind: 'size', value: 'SIZE', help: 'Size of the volume', fallback: '10GB' },
    { long: 'label', short: 'l', kind: 'list', value: 'KEY=VALUE', help: 'Set a label' },
    {
      long: 'driver',
      short: 'd',
      kind: 'string',
      value: 'DRIVER',
      hidden: true,
      help: 'Only local',
      refused: { reason: 'volumes are files of this host', when: /^(?!local$)/ },
    },
  ],
  examples: [
    { text: 'A volume of 20 GB', command: 'ignite volume create data --size 20GB' },
    { text: 'Use it', command: 'ignite run -d -v data:/srv nginx' },
  ],
  load: () => import('../run/volume-create.ts'),
};
