// `ignite network denied`.
import type { CommandContext } from '../context.ts';
import { printList } from '../views/index.ts';

const COLUMNS = ['DESTINATION', 'PROTOCOL', 'PORT', 'PACKETS', 'FROM'] as const;

export async function run(context: CommandContext): Promise<number> {
  const { operands, out, signal } = context;
  const client = await context.client();
  const { total, items } = await client.deniedByNetwork(operands[0] ?? '', { signal });
  await printList(context, {
    items,
    uid: ({ destination }) => destination,
    columns: COLUMNS,
    row: ({ destination, protocol, port, packets, address }) => [
      destination,
      protocol,
      port === undefined ? '' : String(port),
      String(packets),
      address,
    ],
    docker: ({ destination, protocol, port, packets, address }) => ({
      Destination: destination,
      Protocol: protocol,
      Port: port === undefined ? '' : String(port),
      Packets: String(packets),
      From: address,
    }),
  });
  out.note(`${total} packets were refused since the start`);
  return 0;
}
