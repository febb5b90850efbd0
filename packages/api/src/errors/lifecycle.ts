import type { ErrorTable } from './entry.ts';

/** Errors of the room `lifecycle`. */
export const lifecycleErrors = {} as const satisfies ErrorTable;
