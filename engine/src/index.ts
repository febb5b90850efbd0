export { createEngine } from './create-engine.ts';
export type { Engine, EngineOptions } from './wiring/engine.ts';
export {
  type Change,
  type Declare,
  type DeclareRequest,
  type Patience,
  type Planned,
  pruningOf,
  STILL_AT_WORK,
} from './declare/index.ts';
export type { GuestExit, GuestStream } from './guest/index.ts';
export type { Commands } from './host/index.ts';
export type { SourcePlace } from './state/index.ts';
export type { ImageRecord } from './images/index.ts';
export type { KernelRecord } from './kernels/index.ts';
export {
  API_MANAGER,
  type Call,
  type VmLook,
  exitStatus,
  type OpenedStream,
  type VmLogs,
  type Vms,
} from './lifecycle/index.ts';
export { type LogQuery, readAppLog, readConsoleLog, readVmmLog } from './supervisor/index.ts';
export type { VmmProbe } from './vmm/index.ts';
