export { createSupervisor, type SupervisorOptions } from './create-supervisor.ts';
export { containerdRuntime } from './container/containerd.ts';
export { dockerRuntime } from './container/docker.ts';
export { LABELS as CONTAINER_LABELS } from './container/runtime.ts';
export type {
  Channel,
  ContainerName,
  ContainerRuntimeName,
  ExitRecord,
  Launch,
  LaunchContainer,
  LaunchDescriptor,
  Supervisor,
  SupervisorHandle,
  SupervisorStatus,
  UserNetworkProgram,
} from './port.ts';
export { readConsoleTail, readVmmTail } from './logs/console-tail.ts';
export { type LogQuery, readAppLog, readConsoleLog, readVmmLog } from './logs/read-logs.ts';
