// `ignite system prune`: VMs first, as what they were made from is free after them. Prints the UID or name of what went.
import { DEFAULT_NETWORK_NAMES } from '@ignite/api/names';
import { isActive } from '@ignite/api/state-words';
import { displaySize } from '@ignite/api/sizes';
import type { Client } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { canAsk, confirm } from '../terminal/ask.ts';
import { usage } from '../usage-error.ts';
import { forEach } from './shared/each.ts';
import { longOperation } from './shared/long-operation.ts';

/** Managed by a person, not by a source that would make it again. */
const BY_HAND = 'api';

export async function run(context: CommandContext): Promise<number> {
  const { out, signal } = context;
  if (!(await isSure(context))) return 1;
  const client = await context.client();
  const vms = (await client.listVms({ all: true }, { signal })).filter(
    ({ status }) =>
      !isActive(status.state) &&
      status.state !== 'broken' &&
      status.protected !== true &&
      status.manager === BY_HAND,
  );
  const removedVms = await forEach(
    context,
    vms.map(({ metadata }) => metadata.uid),
    async (uid) => (await client.removeVm(uid, {}, { signal })).metadata.uid,
  );
  const networks = (await client.listNetworks({ signal }))
    .filter(isIdle)
    .map(({ metadata }) => metadata.name);
  const removedNetworks = await forEach(
    context,
    networks,
    async (name) => (await client.removeNetwork(name, { signal })).metadata.name,
  );
  const freed = (await pruneImages(context)) + (await pruneVolumes(context, client));
  out.note(`${displaySize(freed)} of images and volumes are free again`);
  return Math.max(removedVms, removedNetworks);
}

async function isSure(context: CommandContext): Promise<boolean> {
  const { flags } = context;
  if (flags.bool('force') || flags.bool('yes')) return true;
  if (!canAsk(context)) throw usage('VMs go with their disks: without a terminal to ask on, -f is needed');
  const images = flags.bool('all') ? 'all images that no VM uses' : 'images without a name';
  const volumes = flags.bool('volumes') ? ', volumes that no VM names' : '';
  return confirm(
    context,
    `Remove VMs that do not run with their disks, unused networks, ${images}${volumes}?`,
  );
}

type Network = Awaited<ReturnType<Client['listNetworks']>>[number];

/** The default network is made with the next VM and is not listed as one that was made by hand. */
function isIdle({ metadata, status }: Network): boolean {
  return status.usedBy.length === 0 && !DEFAULT_NETWORK_NAMES.includes(metadata.name);
}

async function pruneImages(context: CommandContext): Promise<number> {
  const all = context.flags.bool('all');
  const { images, freed } = await longOperation(context, (client, call) => client.pruneImages({ all }, call));
  for (const { uid } of images) context.out.data(uid);
  return freed;
}

async function pruneVolumes({ flags, out, signal }: CommandContext, client: Client): Promise<number> {
  if (!flags.bool('volumes')) return 0;
  const { volumes, freed } = await client.pruneVolumes({}, { signal });
  for (const { name } of volumes) out.data(name);
  return freed;
}
