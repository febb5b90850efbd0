// `ignite system install`: group and systemd units. Again is no error.
import { resolve } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import {
  endDaemon,
  hasSystemd,
  installUnits,
  makeGroup,
  ownTree,
  startUnits,
  unitStates,
} from '../system/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, out, signal } = context;
  const place = { root: rootOf(context), signal };
  if (host.uid !== 0 && place.root === '')
    throw new IgniteError('cli/needs-root', 'Only root can install Ignite on this host');
  if (await makeGroup(place))
    out.note('Made the group ignite; its members may use the daemon and are as good as root');
  if (!hasSystemd(place)) {
    out.note('Systemd does not run here: commands start the daemon when they need it');
    return 0;
  }
  const { units, prefix } = ownTree(host.env);
  if (units === undefined)
    throw new IgniteError('cli/file-unreadable', `There are no systemd units below ${prefix}`);
  await installUnits(place, units, prefix);
  out.note(`Enabled ignited.socket and ignited.service of ${prefix}`);
  if (place.root === '' && !flags.bool('no-start')) {
    await endOther(context);
    await startUnits(place);
    out.note('Started the daemon');
  }
  return 0;
}

/** The folder of `--root`; empty: this host. */
function rootOf({ flags, host }: CommandContext): string {
  const root = flags.string('root');
  return root === undefined || resolve(host.cwd, root) === '/' ? '' : resolve(host.cwd, root);
}

/** One that a command has started holds the state directory: it makes room, VMs run on. */
async function endOther(context: CommandContext): Promise<void> {
  const states = await unitStates(context.signal);
  if (states.some(({ name, active }) => name === 'ignited.service' && active === 'active')) return;
  const client = await context.runningClient();
  if (client !== undefined) await endDaemon(client, context.signal);
}
