// `bound` of a VM: what the engine chose once and must keep (DESIGN D2). Written before first use, shown by inspect.
import { z } from 'zod';
import { address } from './fields.ts';
import { ACCELERATORS, portMapping, VMM_NAMES } from './vm-spec.ts';

/** Programs of a user network: passt(1), or QEMU's own. */
const USER_BACKENDS = ['passt', 'qemu'] as const;

/** What every NIC has. */
const nicBasics = z.strictObject({
  network: z.string(),
  mac: z.string(),
  address,
  prefixLength: z.int().min(0).max(128),
  gateway: address,
  dns: z.array(address),
  mtu: z.int().positive(),
  ports: z.array(portMapping),
});

const givenInterface = z.strictObject({
  name: z.string().meta({ description: 'In the namespace of the VM' }),
  mac: z.string(),
  mtu: z.int().positive(),
  address: address.exactOptional(),
  prefixLength: z.int().min(0).max(128).exactOptional(),
  gateway: address.exactOptional(),
  further: z.array(z.string()).exactOptional(),
  routes: z.array(z.strictObject({ to: z.string(), via: address.exactOptional() })).exactOptional(),
  dns: z.array(address),
  dhcp: z.literal(true).exactOptional().meta({ description: 'The address is told by DHCP, too' }),
});

/** A network made by others at each start. */
const givenNic = z.strictObject({
  network: z.string(),
  ports: z.array(portMapping),
  given: z.array(givenInterface).exactOptional().meta({ description: 'What this start was given' }),
});

/** The same shape as `BoundNic` of the engine's network room. */
export const boundNic = z.discriminatedUnion('mode', [
  nicBasics.extend({
    mode: z.literal('bridge'),
    networkIndex: z
      .int()
      .positive()
      .exactOptional()
      .meta({ description: 'Number of a network that was made; absent: the default one' }),
  }),
  nicBasics.extend({
    mode: z.literal('user'),
    backend: z.enum(USER_BACKENDS).meta({ description: 'What carries the frames' }),
    hostLoopback: z.boolean().meta({ description: 'The guest reaches the host’s services at its gateway' }),
  }),
  givenNic.extend({
    mode: z.literal('cni'),
    configuration: z.string().exactOptional(),
    idPrefix: z.string().exactOptional().meta({ description: 'Of the id in CNI; absent: ignite' }),
  }),
  givenNic.extend({ mode: z.literal('docker-bridge') }),
]);

const boundDisk = z.strictObject({
  path: z.string().meta({ description: 'Relative to the VM’s folder' }),
  format: z.enum(['raw', 'qcow2']),
  means: z.enum(['reflink', 'qcow2', 'copy', 'device-mapper']),
  bytes: z.int().nonnegative(),
  backing: z.string().exactOptional().meta({ description: 'Absolute path of the file below a qcow2 disk' }),
});

/** A drive other than the root: a named volume or a block device. */
const boundDrive = z.strictObject({
  index: z.int().nonnegative(),
  volume: z.strictObject({ name: z.string(), uid: z.string() }).exactOptional(),
  device: z.string().exactOptional(),
  mountPath: z.string().exactOptional().meta({ description: 'Absent: the guest mounts nothing' }),
  readOnly: z.boolean(),
});

/** A shared folder of the host, which the guest finds by its tag. */
const boundFolder = z.strictObject({
  tag: z.string(),
  path: z.string(),
  real: z
    .string()
    .exactOptional()
    .meta({ description: 'Where `path` led when it was bound; nothing else is shared' }),
  mountPath: z.string(),
  readOnly: z.boolean(),
});

export const vmBound = z.strictObject({
  slot: z.int().nonnegative(),
  driver: z.enum(VMM_NAMES),
  accelerator: z.enum(ACCELERATORS).exactOptional(),
  imageDigest: z.string(),
  imageUid: z.string(),
  kernelDigest: z.string(),
  kernelUid: z.string(),
  mode: z.enum(['app', 'system']),
  disk: boundDisk.exactOptional(),
  nics: z.array(boundNic),
  folders: z.array(boundFolder).exactOptional().meta({ description: 'Folders of the host that it shares' }),
  drives: z.array(boundDrive).exactOptional().meta({ description: 'Volumes and devices beside the root' }),
  filesDigest: z.string().exactOptional().meta({ description: 'Of the files copied into it' }),
  uuid: z.string().meta({ description: 'SMBIOS UUID of the machine' }),
  machineId: z.string().meta({ description: '/etc/machine-id, 32 hex digits' }),
  uid: z.int().nonnegative().exactOptional().meta({ description: 'User id of the VMM process' }),
});

export type BoundDrive = z.output<typeof boundDrive>;
export type BoundFolder = z.output<typeof boundFolder>;
