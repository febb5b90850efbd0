export { catalogue, type ErrorCode, errorEntry, isErrorCode } from './catalogue.ts';
export type { Blame, ErrorEntry, ErrorTable } from './entry.ts';
export { type ErrorDetails, IgniteError, type IgniteErrorOptions, isIgniteError } from './error.ts';
