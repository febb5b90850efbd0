// `spec` of a VM: what the user asked. Every path and type of v1alpha4 is kept (DESIGN D10), ours are added.
import { z } from 'zod';
import { RESTART_POLICY_NAMES } from '../restart-policy.ts';
import { address, exactPartial, port, reference, size } from './fields.ts';
import { resources, storage, tmpfs } from './vm-storage.ts';
import { healthCheck } from './health-check.ts';

const BOOT_MODES = ['auto', 'app', 'system'] as const;
export const VMM_NAMES = ['firecracker', 'cloud-hypervisor', 'qemu'] as const;
export const ACCELERATORS = ['kvm', 'tcg'] as const;
/** Who runs the supervisor: the daemon itself, or a container runtime. */
export const RUNTIMES = ['process', 'containerd', 'docker'] as const;
const NETWORK_MODES = ['bridge', 'user', 'none', 'cni', 'docker-bridge'] as const;

/** What a VM may reach without a rule of its own. */
const POLICY_PRESETS = ['lan', 'public', 'isolated', 'none'] as const;
const POLICY_PROTOCOLS = ['tcp', 'udp', 'icmp'] as const;

const words = z.array(z.string());

export const portMapping = z.strictObject({
  bindAddress: address.exactOptional(),
  hostPort: z.int().min(0).max(65535).meta({ description: '0: chosen once when the VM is made' }),
  vmPort: port,
  protocol: z.enum(['tcp', 'udp']),
});

/** hostPort and protocol may be left out: a random port, tcp. */
export const portMappingInput = portMapping.extend({
  hostPort: portMapping.shape.hostPort.exactOptional(),
  protocol: portMapping.shape.protocol.exactOptional(),
});

/**
 * `true`: make a key pair; a string: a public key, or the path of one that the CLI reads before it sends the
 * object. `false` is the same as leaving it out, `"true"` the same as `true` (API-V14).
 */
export const ssh = z
  .codec(z.union([z.boolean(), z.string()]), z.union([z.boolean(), z.string()]), {
    decode: (value) => (value === 'true' ? true : value),
    encode: (value) => value,
  })
  .meta({ description: 'true: make a key pair; a string: public key, or path of one' });

export const restartPolicy = z.strictObject({
  name: z.enum(RESTART_POLICY_NAMES),
  maximumRetryCount: z.int().nonnegative().exactOptional(),
});

const kernelSpec = z.strictObject({
  oci: reference
    .exactOptional()
    .meta({ description: 'Absent: the configured kernel, else the distribution’s' }),
  cmdLine: z.string().exactOptional(),
});

/** Fields that mean something by being absent; the same in both forms. */
const optionalFields = {
  sandbox: z
    .strictObject({ oci: reference })
    .exactOptional()
    .meta({ description: 'Image of the container of a runtime; absent: ours' }),
  runtime: z
    .enum(RUNTIMES)
    .exactOptional()
    .meta({ description: 'Who runs the VM’s supervisor. Absent: process, a process of the daemon' }),
  storage: storage.exactOptional(),
  tmpfs: tmpfs.exactOptional(),
  resources: resources.exactOptional().meta({ description: 'Caps; absent: those that keep the host safe' }),
  copyFiles: z.array(z.strictObject({ hostPath: z.string(), vmPath: z.string() })).exactOptional(),
  ssh: ssh.exactOptional(),
  command: words.exactOptional().meta({ description: 'Absent: the image’s. Empty: no words' }),
  entrypoint: words.exactOptional().meta({ description: 'Absent: the image’s. Empty: none' }),
  env: words.exactOptional().meta({ description: 'NAME=value; added to the image’s' }),
  workdir: z.string().exactOptional(),
  user: z.string().exactOptional().meta({ description: 'user[:group], names or numbers' }),
  hostname: z.string().exactOptional().meta({ description: 'Absent: the name of the VM' }),
  vmm: z.enum(VMM_NAMES).exactOptional().meta({ description: 'Absent: chosen by what the host can do' }),
  accel: z.enum(ACCELERATORS).exactOptional(),
  stopSignal: z.string().exactOptional().meta({ description: 'Absent: the image’s, else SIGTERM' }),
  healthCheck: healthCheck.exactOptional().meta({ description: 'Absent: the image’s' }),
} as const;

/** Fields that have a default; `defaults.ts` fills them in. */
const filledFields = {
  cpus: z.int().nonnegative(),
  memory: size,
  diskSize: size,
  running: z.boolean().meta({ description: 'Whether it should run' }),
  restartPolicy,
  tty: z.boolean(),
  stdin: z.boolean(),
  boot: z.enum(BOOT_MODES),
  stopTimeout: z.int().nonnegative().meta({ description: 'Seconds' }),
  autoRemove: z.boolean(),
} as const;

/** Rules of what the VM may begin beyond its preset; an answer to what is allowed is always allowed. */
const allowRule = z.strictObject({
  cidr: z.string().meta({ description: 'IPv4 addresses: 10.1.2.3 or 10.1.0.0/16' }),
  protocol: z.enum(POLICY_PROTOCOLS).exactOptional().meta({ description: 'Absent: every protocol' }),
  port: port.exactOptional().meta({ description: 'For tcp and udp; absent: every port' }),
  endPort: port.exactOptional().meta({ description: 'Last of a range that begins at port' }),
});

export const networkPolicy = z.strictObject({
  preset: z.enum(POLICY_PRESETS).exactOptional().meta({
    description:
      'lan: internet, private ranges, VMs of its networks; public: the same without private ranges; isolated: VMs of its networks; none: DNS only',
  }),
  allow: z.array(allowRule).exactOptional(),
});

/** Which network a NIC is on, and what it is given there; what is absent is chosen. */
const nicFields = {
  name: z.string().exactOptional().meta({
    description:
      'Network made with `ignite network create`, absent: the default one. Mode cni: the configuration, absent: the first',
  }),
  ip: address.exactOptional().meta({ description: 'Absent: a free one' }),
  mac: z.string().exactOptional().meta({ description: 'Absent: one of the VM’s own' }),
  bandwidth: size.exactOptional().meta({
    description:
      'Bytes a second in each direction; absent: resources.networkBandwidth; 0: as fast as it goes',
  }),
} as const;

const networkFields = {
  mode: z.enum(NETWORK_MODES),
  ...nicFields,
  interfaces: z.array(z.strictObject(nicFields)).exactOptional().meta({
    description: 'Further NICs, each on the default network or the one it names',
  }),
  policy: networkPolicy.exactOptional(),
  hostLoopback: z.boolean().exactOptional().meta({
    description: 'Mode user: let the guest reach the services of the host, loopback included, at its gateway',
  }),
} as const;

/** A spec with all defaults filled in, as stored and served. */
export const vmSpec = z.strictObject({
  image: z.strictObject({ oci: reference }),
  kernel: kernelSpec,
  ...filledFields,
  network: z.strictObject({ ...networkFields, ports: z.array(portMapping) }),
  ...optionalFields,
});

const networkInput = z.strictObject({ ...networkFields, ports: z.array(portMappingInput) });

/** A spec as people write it. Only `image.oci` is needed, and `validateVm` says so. */
export const vmSpecInput = exactPartial(vmSpec.extend({ network: exactPartial(networkInput) }));

export type NetworkPolicy = z.output<typeof networkPolicy>;
export type VmSpec = z.output<typeof vmSpec>;
export type VmSpecInput = z.output<typeof vmSpecInput>;
