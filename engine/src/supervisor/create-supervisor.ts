// The supervisor room's door: one ignite-spawn per VM, started or adopted.
import { join } from 'node:path';
import { type Clock, type Commands, hostClock } from '../host/index.ts';
import { adoptSupervisor } from './adopt.ts';
import { EXIT_FILE, readExitRecord } from './files.ts';
import type { Supervisor } from './port.ts';
import { startSupervisor } from './start.ts';

export interface SupervisorOptions {
  /** Absolute path of the program ignite-spawn. */
  readonly spawnPath: string;
  readonly commands: Commands;
  readonly clock?: Clock;
}

/** A Supervisor that runs VMs as processes of this host. */
export function createSupervisor({
  spawnPath,
  commands,
  clock = hostClock(),
}: SupervisorOptions): Supervisor {
  const adopt: Supervisor['adopt'] = (runDirectory, signal) => adoptSupervisor(runDirectory, clock, signal);
  return {
    start: (launch, signal) => startSupervisor(launch, { spawnPath, commands, adopt }, signal),
    adopt,
    readExit: (vmDirectory) => readExitRecord(join(vmDirectory, EXIT_FILE)),
  };
}
