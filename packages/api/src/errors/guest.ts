import type { ErrorTable } from './entry.ts';

/** Errors of the room `guest`. */
export const guestErrors = {} as const satisfies ErrorTable;
