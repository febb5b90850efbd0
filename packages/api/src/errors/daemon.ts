import type { ErrorTable } from './entry.ts';

/** Errors of the room `daemon`. */
export const daemonErrors = {} as const satisfies ErrorTable;
