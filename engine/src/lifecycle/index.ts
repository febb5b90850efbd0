export type { CreateVm } from './create-vm.ts';
export { exitStatus } from './end.ts';
export type { Complain } from './recover.ts';
export type { Rooms } from './rooms.ts';
export type { FileFacts, OpenedStream } from './streams.ts';
export {
  type Call,
  openVms,
  type StartCall,
  type StopCall,
  type VmAction,
  type VmLogs,
  type Vms,
} from './vms.ts';
