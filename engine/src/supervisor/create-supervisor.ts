// The supervisor room's door: one ignite-spawn per VM, started or adopted.
import { join } from 'node:path';
import { IgniteError, isIgniteError } from '@ignite/api';
import { type Clock, type Commands, hostClock } from '../host/index.ts';
import { adoptSupervisor } from './adopt.ts';
import type { ContainerRuntime } from './container/runtime.ts';
import { startInContainer } from './container/start.ts';
import { EXIT_FILE, readExitRecord, readSpawnRecord } from './files.ts';
import { forceEnd } from './kill.ts';
import type { ContainerRuntimeName, Supervisor } from './port.ts';
import { startSupervisor } from './start.ts';

export interface SupervisorOptions {
  /** Absolute path of the program ignite-spawn. */
  readonly spawnPath: string;
  readonly commands: Commands;
  readonly clock?: Clock;
  /** Absent: none, as for a daemon that is not root. */
  readonly containers?: {
    /** The engine's random instance id, a label of each container. */
    readonly instance: string;
    readonly runtimes: readonly ContainerRuntime[];
  };
}

/** A Supervisor that runs VMs as processes of this host, or in containers of its runtimes. */
export function createSupervisor({
  spawnPath,
  commands,
  clock = hostClock(),
  containers,
}: SupervisorOptions): Supervisor {
  const adopt: Supervisor['adopt'] = (runDirectory, signal) => adoptSupervisor(runDirectory, clock, signal);
  const runtimes = containers?.runtimes ?? [];
  const runtimeOf = (name: ContainerRuntimeName): ContainerRuntime => {
    const runtime = runtimes.find((one) => one.name === name);
    if (runtime !== undefined) return runtime;
    throw new IgniteError('supervisor/needs-root', `This daemon is not root and starts nothing in ${name}`);
  };
  return {
    start: async (launch, signal) => {
      const { container } = launch;
      if (container === undefined) return startSupervisor(launch, { spawnPath, commands, adopt }, signal);
      const runtime = runtimeOf(container.runtime);
      return startInContainer(launch, container, { runtime, clock, adopt }, signal);
    },
    adopt,
    forceEnd: async (runDirectory, vmUid, signal) => {
      const record = await readSpawnRecord(runDirectory);
      if (record?.vm === vmUid) await forceEnd(record, clock, signal);
    },
    readExit: (vmDirectory) => readExitRecord(join(vmDirectory, EXIT_FILE)),
    requireRuntime: async (name, signal) => runtimeOf(name).check(signal),
    removeContainer: async ({ runtime, name }, signal) => runtimeOf(runtime).remove(name, signal),
    containers: async (signal) => {
      const lists = runtimes.map(async (runtime) => listed(runtime, containers?.instance ?? '', signal));
      return (await Promise.all(lists)).flat();
    },
  };
}

/** A runtime that is not there, or refuses, has nothing that could be removed now. */
async function listed(runtime: ContainerRuntime, instance: string, signal: AbortSignal) {
  try {
    return (await runtime.list(instance, signal)).map((one) => ({ runtime: runtime.name, ...one }));
  } catch (error) {
    if (isIgniteError(error, 'supervisor/no-runtime') || isIgniteError(error, 'supervisor/runtime-refused'))
      return [];
    throw error;
  }
}
