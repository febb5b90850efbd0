// `ignite volume resize` as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Enlarge a volume. */
export const volumeResize: CommandSpec = {
  path: ['volume', 'resize'],
  summary: 'Enlarge a volume',
  description: `Makes a volume larger. A running VM that has it mounted for writing has the new room at once; else the file system grows when
a VM mounts it for writing next. A volume never shrinks.`,
  operands: 'VOLUME SIZE',
  fewest: 2,
  most: 2,
  completes: ['volume'],
  flags: [],
  examples: [{ text: 'To 50 GB', command: 'ignite volume resize data 50GB' }],
  load: () => import('../run/volume-resize.ts'),
};
