import type { ErrorTable } from './entry.ts';

/** Errors of the package `archive`: tar streams read, written, unpacked and packed. */
export const archiveErrors = {
  'archive/malformed': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The archive is damaged or not a tar archive; make it again, or fetch it again.',
  },
  'archive/truncated': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The archive ends too early; fetch it again, and check that the disk it was written to was not full.',
  },
  'archive/unsupported-entry': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'Make the archive again with `tar --format=pax` and without the entry named above.',
  },
  'archive/limit': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The entry asks for more than any honest archive; do not trust where it came from.',
  },
  'archive/outside': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'The archive tries to write outside the target directory; do not trust where it came from.',
  },
  'archive/entry-invalid': {
    status: 500,
    exit: 1,
    blame: 'bug',
    hint: 'Report this with the name of the entry: it cannot be written to a tar archive.',
  },
  'archive/file-changed': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'The file changed while it was being packed; try again when nothing writes to it.',
  },
  'archive/file-access': {
    status: 403,
    exit: 1,
    blame: 'user',
    hint: 'Check that the path above exists and that you may read or write it.',
  },
} as const satisfies ErrorTable;
