import type { ErrorTable } from './entry.ts';

/** Errors of the package `ext4`: entries that cannot become part of a file system image. */
export const ext4Errors = {
  'ext4/bad-path': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The image has an entry with an impossible name; build the image again without it.',
  },
  'ext4/parent-not-directory': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The image puts an entry below something that is not a directory; build the image again.',
  },
  'ext4/link-loop': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'Symbolic links in the image point at each other; build the image again without the loop.',
  },
  'ext4/link-target-missing': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The image has a hard link to a file it does not contain; build the image again.',
  },
  'ext4/root': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The image tries to replace or delete its own root directory; build the image again.',
  },
  'ext4/entry-invalid': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'ext4 cannot hold what the image asks for in the entry named above; build the image again without it.',
  },
  'ext4/size-mismatch': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The content of the file named above has another length than announced; fetch the image again.',
  },
  'ext4/too-many-entries': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The image has more files than the configured limit; raise the limit if you trust the image.',
  },
  'ext4/too-large': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The image unpacks to more than the configured limit; raise the limit if you trust the image.',
  },
  'ext4/not-found': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'Look at the names in the image; the path above is not there, or is not a file.',
  },
} as const satisfies ErrorTable;
