export { createSupervisor, type SupervisorOptions } from './create-supervisor.ts';
export type {
  Channel,
  ExitRecord,
  Launch,
  LaunchDescriptor,
  Supervisor,
  SupervisorHandle,
  SupervisorStatus,
  UserNetworkProgram,
} from './port.ts';
export { readConsoleTail, readVmmTail } from './logs/console-tail.ts';
export { type LogQuery, readAppLog, readConsoleLog, readVmmLog } from './logs/read-logs.ts';
