import type { ErrorTable } from './entry.ts';

/** Errors of the room `supervisor`. */
export const supervisorErrors = {} as const satisfies ErrorTable;
