export {
  desiredSpec,
  diffSpec,
  type FieldChange,
  type FieldEffect,
  same,
  type VmUpdate,
} from './change/index.ts';
export { API_MANAGER, type Intender, wantsToRun } from './intent.ts';
export type { CreateVm } from './create-vm.ts';
export { exitStatus } from './end.ts';
export type { Complain } from './complain.ts';
export type { Rooms } from './rooms.ts';
export { snapshotPrefix } from './snapshot-name.ts';
export type { FileFacts, OpenedStream } from './streams.ts';
export { openVms } from './vms.ts';
export type { Call, CreateCall, StartCall, StopCall, VmAction, VmLogs, VmLook, Vms } from './vms-port.ts';
