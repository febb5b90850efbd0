import type { ErrorTable } from './entry.ts';

/** Errors of the room `images`. */
export const imagesErrors = {} as const satisfies ErrorTable;
