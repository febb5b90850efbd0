// `ignite network ls`.
import type { CommandContext } from '../context.ts';
import { dockerNetwork, NETWORK_COLUMNS, networkRow, printList } from '../views/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const client = await context.client();
  const now = context.host.now();
  await printList(context, {
    items: await client.listNetworks({ signal: context.signal }),
    uid: (network) => network.metadata.name,
    columns: NETWORK_COLUMNS,
    row: (network) => networkRow(network, now),
    docker: dockerNetwork,
  });
  return 0;
}
