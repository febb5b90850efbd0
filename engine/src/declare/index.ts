export { createDeclare } from './create-declare.ts';
export { type Pruning, pruningOf } from './pruning.ts';
export type * from './port.ts';
