export { STILL_AT_WORK } from './carry-out.ts';
export { createDeclare } from './create-declare.ts';
export { pruningOf } from './pruning.ts';
export type * from './port.ts';
