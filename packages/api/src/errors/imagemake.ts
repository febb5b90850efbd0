import type { ErrorTable } from './entry.ts';

/** Errors of the room `imagemake`. */
export const imagemakeErrors = {
  'imagemake/no-mmdebstrap': {
    status: 501,
    exit: 1,
    blame: 'host',
    hint: 'Install it: `apt-get install mmdebstrap` (Debian and Ubuntu); other hosts load an image instead.',
  },
  'imagemake/no-keyring': {
    status: 501,
    exit: 1,
    blame: 'host',
    hint: 'Install the package named above with apt-get.',
  },
  'imagemake/invalid': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Use names as apt writes them: `bookworm`, `nginx-light`, `http://deb.debian.org/debian`.',
  },
  'imagemake/failed': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'See what mmdebstrap printed; the suite and the packages must exist on the mirror.',
  },
} as const satisfies ErrorTable;
