// The kind Configuration: `/etc/ignite/config.yaml`, the user's file (API-C01 to API-C07), and what we add to it.
import { formatSize } from '../sizes.ts';
import { z } from 'zod';
import { API_VERSION } from '../limits.ts';
import { exactPartial, idPrefix, metadataInput, reference, size } from './fields.ts';
import { RUNTIMES, vmSpecInput } from './vm-spec.ts';

const kernelSettings = z.strictObject({
  oci: reference.meta({ description: 'Kernel image for VMs that name none' }),
  mapped: z
    .record(z.string(), z.string())
    .meta({ description: 'Kernels by the reference that manifests name: what is used instead' }),
  autoDownload: z.boolean().meta({ description: 'false: never fetch the distribution’s kernel' }),
});

const networkSettings = z.strictObject({
  subnet: z.string().meta({ description: 'CIDR of the default network' }),
  dns: z.array(z.string()),
  mtu: z.int().min(576).max(65535),
});

const firecrackerSettings = z.strictObject({
  path: z.string().startsWith('/').meta({
    description: 'Absolute path of firecracker; jailer lies beside it. Default: where programs are',
  }),
});

const cloudHypervisorSettings = z.strictObject({
  path: z.string().startsWith('/').meta({
    description: 'Absolute path of cloud-hypervisor. Default: where programs are',
  }),
});

/** Absolute paths of folders. */
const cniSettings = z.strictObject({
  configurations: z.string().meta({ description: 'Default /etc/cni/net.d' }),
  plugins: z.array(z.string()).meta({ description: 'Default /opt/cni/bin, /usr/lib/cni' }),
});

const dockerSettings = z.strictObject({
  socket: z.string().meta({ description: 'Absolute path; default /var/run/docker.sock' }),
});

const containerdSettings = z.strictObject({
  socket: z.string().meta({
    description:
      'Absolute path; default /run/containerd/containerd.sock, else /run/docker/containerd/containerd.sock',
  }),
  snapshotter: z.string().meta({ description: 'Of the supervisors’ containers; default containerd’s' }),
});

const atLeast = (least: number) =>
  size.refine((bytes) => bytes >= least, `must be at least ${formatSize(least)}`);

const importSettings = z.strictObject({
  maxSize: atLeast(1).meta({ description: 'Unpacked bytes of one image; default 256GB' }),
  maxEntries: z.int().positive().meta({ description: 'Files and folders of one image; default 4,000,000' }),
  maxRatio: z
    .int()
    .positive()
    .meta({ description: 'Unpacked bytes per byte of a layer beyond 1GB; default 200' }),
  maxMemory: atLeast(128 * 2 ** 20).meta({
    description: 'Memory of the process that reads an image, an archive or a kernel; default 3GB',
  }),
  devices: z
    .enum(['allow', 'refuse'])
    .meta({ description: 'Whether images may hold device files besides whiteouts; default allow' }),
});

/** `https://mirror.example`, `http://10.0.0.5:5000` */
const mirror = z.string().regex(/^https?:\/\/[^/?#@\s]+\/?$/, 'must be http(s)://HOST[:PORT]');

/** Networks that can be the default of a daemon. */
export const NETWORK_PLUGINS = ['bridge', 'user', 'cni', 'docker-bridge'] as const;

/** What a VM gets when it is made and nobody says otherwise. It is remembered in the VM (CFG-03). */
const newVmDefaultFields = z.strictObject({
  runtime: z.enum(RUNTIMES).meta({
    description: 'Who runs the supervisors of new VMs that name nobody; absent: process',
  }),
  networkPlugin: z.enum(NETWORK_PLUGINS).meta({
    description: 'Network of new VMs that name none; absent: bridge, user where the daemon is not root',
  }),
  idPrefix,
});

export const newVmDefaults = exactPartial(newVmDefaultFields);

/** Every field may be left out. */
const configurationSpec = exactPartial(
  z.strictObject({
    ...newVmDefaultFields.shape,
    cni: exactPartial(cniSettings),
    docker: exactPartial(dockerSettings),
    containerd: exactPartial(containerdSettings),
    firecracker: exactPartial(firecrackerSettings),
    cloudHypervisor: exactPartial(cloudHypervisorSettings),
    vmDefaults: vmSpecInput,
    registryConfigDir: z
      .string()
      .meta({ description: 'Folder with config.json (credentials) and certs.d (certificates by registry)' }),
    registryMirrors: z
      .record(z.string(), z.array(mirror))
      .meta({ description: 'Mirrors by registry (docker.io), asked in this order before it' }),
    imports: exactPartial(importSettings),
    kernel: exactPartial(kernelSettings),
    network: exactPartial(networkSettings),
    networks: z
      .array(exactPartial(networkSettings).extend({ name: z.string() }))
      .meta({ description: 'Networks that are made when the daemon starts, where they are missing' }),
    insecureRegistries: z.array(z.string()),
    hostPaths: z.array(z.string()).meta({ description: 'Only below these may objects name host paths' }),
    deviceMapper: z.boolean().meta({
      description: 'Disks of new VMs are snapshots of device-mapper over their image, as with Weave Ignite',
    }),
    uidBase: z.int().positive().meta({ description: 'First user id for VMM processes' }),
  }),
);

export const configurationSchema = z
  .strictObject({
    kind: z.literal('Configuration'),
    apiVersion: z.literal(API_VERSION),
    metadata: metadataInput.exactOptional(),
    spec: configurationSpec.exactOptional(),
  })
  .meta({ id: 'Configuration', description: 'Settings of one host' });

/** Inside: sizes are numbers of bytes. */
export type Configuration = z.output<typeof configurationSchema>;
export type NewVmDefaults = z.output<typeof newVmDefaults>;
export type ConfigurationSpec = z.output<typeof configurationSpec>;
