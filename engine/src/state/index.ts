export { type Audit, createAudit } from './audit.ts';
export { runFile, stateFile, uidFolder } from './files.ts';
export { jsonFile } from './json-file.ts';
export { lockHolder } from './lock.ts';
export { networkFiles } from './network-files.ts';
export type * from './port.ts';
export { openState } from './state.ts';
export { loadRunRecord, saveRunRecord } from './run-record.ts';
export { requireStartRoom } from './room-left.ts';
export { type SourcePlace, sourcePlace } from './source-place.ts';
export type { Upload } from './uploads.ts';
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
