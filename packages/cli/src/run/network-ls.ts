// `ignite network ls`.
import type { NetworkDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import {
  danglingKey,
  dockerNetwork,
  type FilterKey,
  nameKey,
  NETWORK_COLUMNS,
  networkRow,
  printList,
  readListFilters,
} from '../views/index.ts';

const FILTERS: Readonly<Record<string, FilterKey<NetworkDocument>>> = {
  name: nameKey(),
  dangling: danglingKey(({ status }) => status.usedBy.length === 0),
  driver: { form: 'driver=bridge', holds: (_network, value) => value === 'bridge' },
};

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, signal } = context;
  const keep = readListFilters(flags.list('filter'), FILTERS);
  const client = await context.client();
  const now = host.now();
  await printList(context, {
    items: (await client.listNetworks({ signal })).filter(keep),
    uid: (network) => network.metadata.name,
    columns: NETWORK_COLUMNS,
    row: (network) => networkRow(network, now),
    docker: dockerNetwork,
  });
  return 0;
}
