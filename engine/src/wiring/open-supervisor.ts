// The supervisor room, wired: the container runtimes that a daemon which is root can have. Nothing is touched before a
// VM asks for one.
import type { Clock, Commands } from '../host/index.ts';
import type { State } from '../state/index.ts';
import { containerdRuntime, createSupervisor, dockerRuntime, type Supervisor } from '../supervisor/index.ts';
import type { EngineOptions } from './engine.ts';

/** Where packages put it. */
export const DOCKER_SOCKET = '/var/run/docker.sock';

/** The supervisor room of this daemon. */
export function openSupervisor(
  { instance }: Pick<State, 'instance'>,
  clock: Clock,
  commands: Commands,
  { configuration, programs: { spawn } }: Pick<EngineOptions, 'configuration' | 'programs'>,
): Supervisor {
  const room = { spawnPath: spawn, commands, clock };
  if (process.getuid?.() !== 0) return createSupervisor(room);
  const socket = configuration.docker?.socket ?? DOCKER_SOCKET;
  const runtimes = [
    dockerRuntime({ socket, program: spawn }),
    containerdRuntime({ commands, clock, program: spawn, ...configuration.containerd }),
  ];
  return createSupervisor({ ...room, containers: { instance, runtimes } });
}
