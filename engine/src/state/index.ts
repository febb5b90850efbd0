export { type Audit, type AuditEntry, createAudit } from './audit.ts';
export { runFile, stateFile, uidFolder } from './files.ts';
export { type JsonFile, jsonFile } from './json-file.ts';
export { lockHolder } from './lock.ts';
export { type NetworkFiles, networkFiles } from './network-files.ts';
export type * from './port.ts';
export { openState, type StateOptions } from './state.ts';
export { loadRunRecord, saveRunRecord } from './run-record.ts';
export { type SourcePlace, sourcePlace } from './source-place.ts';
export { stateError } from './state-errors.ts';
export type { Upload, Uploads } from './uploads.ts';
export {
  clearRunFiles,
  forgetExit,
  hasRunFiles,
  loadSeed,
  makeRunFolder,
  makeVmFolders,
  type Seed,
  saveSeed,
} from './vm-files.ts';
