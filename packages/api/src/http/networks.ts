// Bodies of the operations on networks.
import { z } from 'zod';
import { networkSchema } from '../kinds/network.ts';

export const networkList = z.strictObject({ items: z.array(networkSchema) }).meta({ id: 'NetworkList' });

export const createNetworkBody = z
  .strictObject({
    name: z.string(),
    subnet: z.string().exactOptional().meta({ description: 'IPv4 range; absent: a free one is chosen' }),
    dns: z.array(z.ipv4()).max(3).exactOptional().meta({ description: 'Resolvers instead of the host’s' }),
    mtu: z.int().min(576).max(65_535).exactOptional().meta({ description: 'Absent: the uplink’s' }),
  })
  .meta({ id: 'CreateNetwork' });

export const deniedResult = z
  .strictObject({
    total: z.int().nonnegative().meta({ description: 'Packets since the VM started' }),
    items: z.array(
      z.strictObject({
        address: z.string().meta({ description: 'Of the VM' }),
        destination: z.string(),
        protocol: z.string(),
        port: z.int().exactOptional(),
        packets: z.int().nonnegative().meta({ description: 'In the last hour' }),
      }),
    ),
  })
  .meta({ id: 'Denied' });

export const checkNetworkBody = z
  .strictObject({
    target: z
      .string()
      .regex(/^[0-9.]+:[0-9]{1,5}$/)
      .exactOptional()
      .meta({ description: 'ADDRESS:PORT of a TCP server; absent: the host’s first resolver' }),
  })
  .meta({ id: 'CheckNetwork' });

export const checkedNetwork = z
  .strictObject({
    ok: z.boolean(),
    interfaces: z.array(
      z.strictObject({
        network: z.string(),
        address: z.string(),
        hops: z.array(
          z.strictObject({
            hop: z.string(),
            ok: z.boolean(),
            found: z.string(),
            hint: z.string().exactOptional().meta({ description: 'What to do' }),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'CheckedNetwork' });
