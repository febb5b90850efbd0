import type { ErrorTable } from './entry.ts';

/** Errors of the room `kernels`. */
export const kernelsErrors = {} as const satisfies ErrorTable;
