// `ignite system status`: whether the daemon runs, without starting it.
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { type UnitState, unitStates } from '../system/index.ts';

interface Status {
  readonly running: boolean;
  readonly socket?: string;
  readonly pid?: number;
  readonly version?: string;
  readonly stateDirectory?: string;
  readonly vms?: { readonly total: number; readonly running: number; readonly broken: number };
  readonly units: readonly UnitState[];
}

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  // A program of the host that does not answer says nothing about the daemon.
  const units = await unitStates(signal).catch((): readonly UnitState[] => []);
  const status: Status = { ...(await daemonStatus(context, units)), units };
  const form = flags.string('output');
  if (form === 'json') out.data(JSON.stringify(status, undefined, 2));
  else if (form === 'yaml') out.data((await import('yaml')).stringify(status).trimEnd());
  else for (const line of statusLines(status)) out.data(line);
  return status.running ? 0 : 1;
}

/** The socket of systemd would start the daemon: where the unit is not active, nobody asks. */
async function daemonStatus(
  context: CommandContext,
  units: readonly UnitState[],
): Promise<Omit<Status, 'units'>> {
  const { signal } = context;
  const unit = units.find(({ name }) => name === 'ignited.service');
  const socket = units.find(({ name }) => name === 'ignited.socket');
  const ownPlace =
    context.host.env['IGNITE_STATE_DIR'] === undefined && context.flags.string('host') === undefined;
  if (ownPlace && context.host.uid === 0 && socket?.active === 'active' && unit?.active !== 'active')
    return { running: false };
  const client = await context.runningClient();
  if (client === undefined) return { running: false };
  try {
    const [version, info] = await Promise.all([client.version({ signal }), client.info({ signal })]);
    const { stateDirectory, vms } = info;
    return {
      running: true,
      socket: client.socketPath,
      pid: version.pid,
      version: version.version,
      stateDirectory,
      vms,
    };
  } catch (error) {
    if (error instanceof IgniteError && error.code === 'cli/daemon-unreachable') return { running: false };
    throw error;
  }
}

function statusLines({
  running,
  pid,
  version,
  socket,
  stateDirectory,
  vms,
  units,
}: Status): readonly string[] {
  const broken = vms !== undefined && vms.broken > 0 ? `, ${vms.broken} broken` : '';
  return [
    `Daemon:          ${running ? `runs, ${version} (pid ${pid})` : 'does not run'}`,
    ...(socket === undefined ? [] : [`Socket:          ${socket}`]),
    ...(stateDirectory === undefined ? [] : [`State directory: ${stateDirectory}`]),
    ...(vms === undefined ? [] : [`VMs:             ${vms.total} (${vms.running} running${broken})`]),
    ...units.map(({ name, active, enabled }) => `${`${name}:`.padEnd(24)} ${active}, ${enabled}`),
  ];
}
