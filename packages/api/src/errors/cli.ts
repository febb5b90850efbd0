import type { ErrorTable } from './entry.ts';

/** Errors of the room `cli`. */
export const cliErrors = {} as const satisfies ErrorTable;
