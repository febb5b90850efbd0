// The kind Network: a bridge of VMs that reach each other, with a way out. As served.
import { z } from 'zod';
import { API_VERSION } from '../limits.ts';
import { address, time } from './fields.ts';

export const networkSchema = z
  .strictObject({
    kind: z.literal('Network'),
    apiVersion: z.literal(API_VERSION),
    metadata: z.strictObject({
      name: z.string().meta({ description: 'bridge: the default network' }),
      uid: z.string().exactOptional().meta({ description: 'Absent: the default network' }),
      created: time.exactOptional(),
    }),
    spec: z.strictObject({
      subnet: z.string(),
      mtu: z.int().positive(),
      dns: z.array(z.string()).exactOptional().meta({ description: 'Absent: the resolvers of the host' }),
    }),
    status: z.strictObject({
      interface: z
        .string()
        .meta({ description: 'On the host, with the gateway address, while a VM needs it' }),
      gateway: address,
      usedBy: z
        .array(z.strictObject({ uid: z.string(), name: z.string(), address, mac: z.string() }))
        .meta({ description: 'NICs of VMs, whether they run or not' }),
    }),
  })
  .meta({ id: 'Network', description: 'A network of VMs' });

export type NetworkObject = z.output<typeof networkSchema>;
export type NetworkDocument = z.input<typeof networkSchema>;
