import type { ErrorTable } from './entry.ts';

/** Errors of the room `disks`. */
export const disksErrors = {} as const satisfies ErrorTable;
