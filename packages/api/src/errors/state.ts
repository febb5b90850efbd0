import type { ErrorTable } from './entry.ts';

/** Errors of the room `state`. */
export const stateErrors = {} as const satisfies ErrorTable;
