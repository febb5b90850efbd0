import type { ErrorTable } from './entry.ts';

/** Errors of the room `api`. */
export const apiErrors = {} as const satisfies ErrorTable;
