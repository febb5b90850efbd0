export type { CreateVm } from './create-vm.ts';
export { exitStatus } from './end.ts';
export type { Complain } from './recover.ts';
export type { Rooms } from './rooms.ts';
export type { FileFacts, OpenedStream } from './streams.ts';
export { openVms } from './vms.ts';
export type { Call, StartCall, StopCall, VmAction, VmLogs, Vms } from './vms-port.ts';
