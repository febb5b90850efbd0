// `spec.storage`, `spec.tmpfs` and `spec.resources` of a VM: what is mounted in it below its root, and its caps.
import { z } from 'zod';
import { size } from './fields.ts';

const blockDevice = z.strictObject({ path: z.string() });

/** The original's storage: block devices of the host, always writable. */
export const legacyStorage = z.strictObject({
  volumes: z
    .array(z.strictObject({ name: z.string(), blockDevice: blockDevice.exactOptional() }))
    .exactOptional(),
  volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })).exactOptional(),
});

/** Ours: the original's paths and types, and two more sources. Each volume has exactly one source. */
export const storage = z.strictObject({
  volumes: z
    .array(
      z.strictObject({
        name: z.string().meta({ description: 'Name within this VM, which volumeMounts refer to' }),
        blockDevice: blockDevice.exactOptional().meta({ description: 'A block device of the host' }),
        volume: z
          .strictObject({ name: z.string() })
          .exactOptional()
          .meta({ description: 'A named volume of this host, made where it is missing' }),
        hostFolder: z
          .strictObject({ path: z.string() })
          .exactOptional()
          .meta({ description: 'A folder of the host, shared with the VM' }),
      }),
    )
    .exactOptional(),
  volumeMounts: z
    .array(z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().exactOptional() }))
    .exactOptional(),
});

/** File systems in the guest's memory. */
export const tmpfs = z.array(
  z.strictObject({
    path: z.string(),
    size: size.exactOptional().meta({ description: 'Absent: half of the memory' }),
    mode: z
      .string()
      .regex(/^[0-7]{3,4}$/, 'must be an octal mode such as 1777')
      .exactOptional(),
    exec: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Programs in it may be executed; by default not, as in Docker' }),
  }),
);

/** The names of all caps. */
export const CAP_NAMES = ['diskIops', 'diskBandwidth', 'networkBandwidth', 'cpuLimit', 'pids'] as const;

/** Caps on what the VM may take from the host. */
export const resources = z.strictObject({
  diskIops: z
    .int()
    .positive()
    .exactOptional()
    .meta({ description: 'Reads and writes a second, all drives together' }),
  diskBandwidth: size.exactOptional().meta({ description: 'Bytes a second, all drives together' }),
  networkBandwidth: size.exactOptional().meta({ description: 'Bytes a second, each NIC and direction' }),
  cpuLimit: z
    .number()
    .positive()
    .exactOptional()
    .meta({ description: 'Cores of the host that the VMM may use, as 0.5; absent: no quota' }),
  pids: z
    .int()
    .positive()
    .exactOptional()
    .meta({ description: 'Processes and threads of the VMM; absent: enough for it' }),
});

export type VmStorage = z.output<typeof storage>;
export type Tmpfs = z.output<typeof tmpfs>[number];
export type VmResources = z.output<typeof resources>;
