export { createSupervisor, type SupervisorOptions } from './create-supervisor.ts';
export type {
  Channel,
  ExitRecord,
  Launch,
  LaunchDescriptor,
  Supervisor,
  SupervisorHandle,
  SupervisorStatus,
} from './port.ts';
export { readConsoleTail } from './logs/console-tail.ts';
