// `ignite system uninstall`: first the daemon clears the host, as only it knows what is ours, then files go.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { type DaemonPlace, systemPlace, userPlace } from '../connect/places.ts';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import {
  endDaemon,
  ownTree,
  removeGroup,
  removePrograms,
  removeState,
  removeUnits,
  type UnitPlace,
} from '../system/index.ts';
import { canAsk, confirm } from '../terminal/ask.ts';
import { usage } from '../usage-error.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, out, signal } = context;
  const root = flags.string('root');
  const place = { root: root === undefined ? '' : resolve(host.cwd, root), signal };
  const daemon = host.uid === 0 ? systemPlace(host.env) : userPlace(host.env);
  if (!(await isSure(context))) return 1;
  await clearHost(context, daemon, place);
  const volumes = await removeState(daemon);
  if (host.uid === 0 || root !== undefined) await removeInstalled(context, place);
  if (volumes !== undefined) out.note(`Volumes are kept in ${escapeText(volumes)}`);
  return 0;
}

async function isSure(context: CommandContext): Promise<boolean> {
  const { flags } = context;
  if (flags.bool('force') || flags.bool('yes')) return true;
  if (!canAsk(context))
    throw usage('All VMs go with their disks: without a terminal to ask on, -f is needed');
  const volumes = flags.bool('volumes') ? ' and all volumes' : '';
  return confirm(context, `Remove Ignite, all VMs with their disks${volumes}?`);
}

/** Everything that only the daemon can find. @throws what stands in the way: a VM that is protected, a daemon that does not start */
async function clearHost(context: CommandContext, daemon: DaemonPlace, place: UnitPlace): Promise<void> {
  const { flags, host, out, signal } = context;
  const stopUnits = async () => {
    if (host.uid === 0 && place.root === '') await removeUnits(place);
  };
  if (!existsSync(join(daemon.state, 'format.json'))) return await stopUnits();
  const client = await context.client();
  const vms = await client.listVms({ all: true }, { signal });
  const guarded = vms.find(({ status }) => status.protected === true);
  if (guarded !== undefined)
    throw new IgniteError('vm/protected', `The VM ${guarded.metadata.name} is protected against removal`);
  for (const { metadata } of vms) {
    await client.removeVm(metadata.uid, { force: true }, { signal });
    out.note(escapeText(`Removed the VM ${metadata.name}`));
  }
  if (flags.bool('volumes')) await client.pruneVolumes({}, { signal });
  await client.gc({}, { signal });
  // By systemd where it has the unit: else its socket would start the daemon again.
  await endDaemon(client, signal, async () => {
    await stopUnits();
    await (await context.runningClient())?.shutdown({}, { signal }).catch(() => {}); // systemd has ended it
  });
}

async function removeInstalled({ host, out }: CommandContext, place: UnitPlace): Promise<void> {
  const { installed, prefix } = ownTree(host.env);
  await removeUnits(place);
  if (await removeGroup(place)) out.note('The group ignite stays: somebody is in it');
  if (installed) {
    await removePrograms(prefix);
    out.note(`Removed the programs below ${escapeText(prefix)}`);
  }
}
