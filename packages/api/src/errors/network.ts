import type { ErrorTable } from './entry.ts';

/** Errors of the room `network`. */
export const networkErrors = {} as const satisfies ErrorTable;
