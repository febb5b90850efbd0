// The public client of ignited: everything the daemon can do, typed, over its unix socket.
//
//   const client = createClient({ socketPath: '/run/ignite/ignited.sock' });
//   const vm = await client.createVm({ spec: { image: { oci: 'alpine' }, command: ['uname', '-a'] } });
//   await client.startVm(vm.metadata.uid, { wait: 'agent' });
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type ImageDocument,
  type KernelDocument,
  type NetworkDocument,
  type LogQuery,
  type OperationOptions,
  type RunSettings,
  type SshAccess,
  type StreamOptions,
  type VmDocument,
  type VolumeDocument,
} from './client.ts';
export type { IgniteStream } from './stream.ts';
export { type ExitStatus, type LogPiece, type Opened, type OpenRequest } from '@ignite/api/frames';
