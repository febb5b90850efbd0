import type { ErrorTable } from './entry.ts';

/** Errors of the room `vmm`. */
export const vmmErrors = {} as const satisfies ErrorTable;
