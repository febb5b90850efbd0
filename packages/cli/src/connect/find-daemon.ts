// Which daemon a command talks to, started where none runs (CLI rule 22).
import { IgniteError } from '@ignite/api/errors';
import type { CliHost } from '../host.ts';
import { type DaemonPlace, socketOf, systemPlace, userPlace } from './places.ts';
import { type ProbeResult, probeSocket } from './probe.ts';

/** The two acts that touch the host; tests hand in their own. */
export interface FindPorts {
  probe(socket: string): Promise<ProbeResult>;
  start(host: CliHost, place: DaemonPlace): Promise<void>;
}

const hostPorts: FindPorts = {
  probe: probeSocket,
  start: async (host, place) => (await import('./start-daemon.ts')).startDaemon(host, place),
};

/**
 * The socket to use. `--host` and IGNITE_HOST are taken as they are.
 * @param start whether a daemon is started where none runs
 * @returns undefined where none runs and none is to be started
 * @throws IgniteError `cli/daemon-refused` where the host's daemon is not for us and we have none of our own
 */
export async function findDaemon(
  host: CliHost,
  flag: string | undefined,
  start: boolean,
  ports: FindPorts = hostPorts,
): Promise<string | undefined> {
  const named = flag ?? (host.env['IGNITE_HOST'] || undefined);
  if (named !== undefined) return socketOf(named);
  const system = systemPlace(host.env);
  const answer = await ports.probe(system.socket);
  if (answer === 'open') return system.socket;
  if (host.uid === 0) return start ? started(host, system, ports) : undefined;
  const own = userPlace(host.env);
  if ((await ports.probe(own.socket)) === 'open') return own.socket;
  if (answer === 'refused' && start)
    throw new IgniteError(
      'cli/daemon-refused',
      `The daemon at ${system.socket} serves root and the group ignite only, and you are in neither`,
    );
  return start ? started(host, own, ports) : undefined;
}

async function started(host: CliHost, place: DaemonPlace, ports: FindPorts): Promise<string> {
  await ports.start(host, place);
  return place.socket;
}
