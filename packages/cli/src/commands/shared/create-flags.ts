// The flags of `create` and `run`: the original's, and Docker's where a VM has what they ask for.
import { LIMITS } from '@ignite/api/limits';
import type { FlagSpec } from '../../argv/grammar.ts';
import { RESTART_POLICIES, SIGNALS } from './common-flags.ts';
import { dockerFlags } from './docker-flags.ts';
import { healthFlags } from './health-flags.ts';

/** How large it is; `update` has the same. */
export const sizeFlags: readonly FlagSpec[] = [
  { long: 'cpus', kind: 'int', value: 'N', range: [1, LIMITS.cpus], help: 'Number of virtual CPUs' },
  {
    long: 'memory',
    short: 'm',
    kind: 'size',
    value: 'SIZE',
    range: [LIMITS.memoryMinBytes, LIMITS.memoryMaxBytes],
    help: 'Memory of the VM',
  },
  {
    long: 'size',
    also: ['disk'],
    short: 's',
    kind: 'size',
    value: 'SIZE',
    range: [LIMITS.diskMinBytes, LIMITS.diskMaxBytes],
    help: 'Size of the root disk',
  },
];

const SIZES_BY_DEFAULT: Readonly<Record<string, string>> = { cpus: '1', memory: '512MB', size: '4GB' };

/** What the VM is made of. */
const machine: readonly FlagSpec[] = [
  ...sizeFlags.map((flag) => ({ ...flag, fallback: SIZES_BY_DEFAULT[flag.long] ?? '' })),
  {
    long: 'kernel-image',
    also: ['kernel'],
    short: 'k',
    kind: 'string',
    value: 'KERNEL',
    completes: 'kernel',
    help: 'Kernel: an OCI image, or a kernel already imported',
    fallback: "the configured image, else the distribution's own kernel",
  },
  { long: 'kernel-args', kind: 'string', value: 'ARGS', help: 'Whole kernel command line, instead of ours' },
  {
    long: 'boot',
    kind: 'string',
    value: 'MODE',
    choices: ['auto', 'app', 'system'],
    help: "What runs: the image's command (app) or its init (system)",
    fallback: 'auto',
  },
  {
    long: 'vmm',
    kind: 'string',
    value: 'DRIVER',
    choices: ['firecracker', 'cloud-hypervisor', 'qemu'],
    help: 'VMM that runs it',
    fallback: 'the best this host has',
  },
  {
    long: 'accel',
    kind: 'string',
    value: 'HOW',
    choices: ['kvm', 'tcg'],
    help: "Hardware's virtualisation or emulation",
    fallback: 'kvm where it works',
  },
  {
    long: 'restart',
    kind: 'string',
    value: 'POLICY',
    offers: RESTART_POLICIES,
    help: 'When it is started again: no, on-failure[:N], always, unless-stopped',
    fallback: 'no',
  },
  { long: 'platform', kind: 'string', value: 'OS/ARCH', help: "Platform of the image; only this host's" },
];

/** What the VM is called and known by. */
const identity: readonly FlagSpec[] = [
  {
    long: 'name',
    short: 'n',
    kind: 'string',
    value: 'NAME',
    help: 'Name of the VM',
    fallback: 'a random one',
  },
  {
    long: 'hostname',
    kind: 'string',
    value: 'NAME',
    help: 'Host name inside the VM',
    fallback: "the VM's name",
  },
  { long: 'label', short: 'l', kind: 'list', value: 'KEY=VALUE', help: 'Set a label' },
  {
    long: 'label-file',
    kind: 'list',
    value: 'FILE',
    completes: 'file',
    help: 'Read labels from a file, one a line',
  },
  { long: 'require-name', kind: 'bool', help: 'Fail if no name was given' },
  {
    long: 'config',
    kind: 'string',
    value: 'FILE',
    completes: 'file',
    help: 'Manifest of one VM, YAML or JSON; flags overrule it',
  },
];

/** What it may take from the host; `update` has the same. */
export const capFlags: readonly FlagSpec[] = [
  { long: 'disk-iops', kind: 'int', value: 'N', help: 'Cap reads and writes a second of all its drives' },
  { long: 'disk-bw', kind: 'size', value: 'SIZE', help: 'Cap bytes a second of all its drives' },
  { long: 'net-bw', kind: 'size', value: 'SIZE', help: 'Cap bytes a second of each interface, each way' },
  {
    long: 'cpu-limit',
    kind: 'string',
    value: 'CORES',
    help: "Cap the host's processor time, such as 0.5 or 2",
  },
  { long: 'pids-limit', kind: 'int', value: 'N', help: 'Cap processes and threads of its VMM' },
];

/** What runs inside. */
const command: readonly FlagSpec[] = [
  {
    long: 'env',
    short: 'e',
    kind: 'list',
    value: 'NAME[=VALUE]',
    help: 'Set an environment variable; without a value, take the caller’s',
  },
  {
    long: 'env-file',
    kind: 'list',
    value: 'FILE',
    completes: 'file',
    help: 'Read environment variables from a file',
  },
  {
    long: 'entrypoint',
    kind: 'string',
    value: 'PROGRAM',
    help: "Use this instead of the image's entrypoint",
  },
  { long: 'workdir', short: 'w', kind: 'string', value: 'DIR', help: 'Working directory of the command' },
  { long: 'user', short: 'u', kind: 'string', value: 'USER[:GROUP]', help: 'User the command runs as' },
  {
    long: 'stop-signal',
    kind: 'string',
    value: 'SIGNAL',
    offers: SIGNALS,
    help: 'Signal that ends the command politely',
  },
  {
    long: 'stop-timeout',
    kind: 'int',
    value: 'SECONDS',
    help: 'How long the guest has to end when it is stopped',
    fallback: '20; 60 for a machine',
  },
];

/** What the VM is connected to and given. */
const connections: readonly FlagSpec[] = [
  {
    long: 'ports',
    also: ['publish'],
    short: 'p',
    kind: 'list',
    value: '[IP:]HOST:VM[/PROTO]',
    element: /^[\d[]/,
    help: 'Publish a port of the VM on the host',
  },
  { long: 'publish-all', short: 'P', kind: 'bool', help: "Publish all the image's ports on free host ports" },
  {
    long: 'network',
    also: ['net'],
    kind: 'list',
    value: 'NETWORK[,ip=ADDRESS][,mac=MAC][,bw=SIZE]',
    completes: 'network',
    offers: ['bridge', 'user', 'none', 'cni', 'docker-bridge'],
    help: 'Network to join: bridge, one of `ignite network create`, user (needs no root), cni[:NAME], docker-bridge or none; again for further interfaces',
    fallback: 'bridge; user where the daemon is not root',
    refused: {
      when: /^(host|container:.*)$/,
      reason: 'a VM has a network stack of its own; publish its ports with -p or use another network',
    },
  },
  {
    long: 'ip',
    kind: 'string',
    value: 'ADDRESS',
    help: "Address of the VM's first interface",
    fallback: 'a free one',
  },
  {
    long: 'mac',
    also: ['mac-address'],
    kind: 'string',
    value: 'MAC',
    help: "MAC of the VM's first interface",
    fallback: 'one of its own',
  },
  {
    long: 'policy',
    kind: 'string',
    value: 'PRESET',
    choices: ['lan', 'public', 'isolated', 'none'],
    help: 'What the VM may reach: lan, public (no private ranges), isolated (its own network), none (DNS only)',
    fallback: 'lan',
  },
  {
    long: 'allow',
    kind: 'list',
    value: 'RANGE[:PROTOCOL[/PORT]]',
    element: /^\d+(\.\d+){3}/,
    help: 'What the VM may reach beyond its policy: 10.1.0.0/16, 10.1.2.3:tcp/5432, 10.1.2.3:udp/6000-6010',
  },
  {
    long: 'copy-files',
    short: 'f',
    kind: 'list',
    value: 'HOST:VM',
    completes: 'file',
    element: /^\/[^:]*:\//,
    help: 'Copy a file or folder into the VM before its first start',
  },
  {
    long: 'volumes',
    also: ['volume'],
    short: 'v',
    kind: 'list',
    value: 'SOURCE:PATH[:ro]',
    element: /^[^:]+:\//,
    completes: 'volume',
    help: 'Mount a volume (a NAME, made where missing), a folder or a block device (a path)',
  },
  {
    long: 'tmpfs',
    kind: 'list',
    value: 'PATH[:size=SIZE,mode=MODE,exec]',
    element: /^\//,
    help: "Mount a file system in the guest's memory",
  },
  {
    long: 'ssh',
    kind: 'optional',
    value: 'PUBLIC-KEY',
    completes: 'file',
    help: 'Let the VM be reached by SSH: with a new key, or with =FILE by that public key',
  },
];

/** Where the image comes from. */
export const pullFlags: readonly FlagSpec[] = [
  {
    long: 'registry-config-dir',
    kind: 'string',
    value: 'DIR',
    completes: 'file',
    help: "Folder with the registries' credentials (config.json)",
    fallback: "Docker's",
  },
  {
    long: 'insecure-registry',
    kind: 'list',
    value: 'HOST[:PORT]',
    help: 'Registry to be spoken to without verified TLS',
  },
];

const pulling: readonly FlagSpec[] = [
  {
    long: 'pull',
    kind: 'string',
    value: 'WHEN',
    choices: ['missing', 'always', 'never'],
    help: 'When to pull the image',
    fallback: 'missing',
  },
  ...pullFlags,
];

const RUNTIMES = ['process', 'containerd', 'docker'];

/** Where images are looked for first, by the original's word (CLI rule 23). */
export const importRuntimeFlag: FlagSpec = {
  long: 'runtime',
  kind: 'string',
  value: 'RUNTIME',
  choices: RUNTIMES,
  hidden: true,
  help: 'Take the image from containerd or docker, which pulls what it lacks',
};

/** The original's words for who supervises a VM, and on which network (CLI rule 23). */
export const runtimeFlags: readonly FlagSpec[] = [
  {
    long: 'runtime',
    kind: 'string',
    value: 'RUNTIME',
    choices: RUNTIMES,
    help: 'Who runs its supervisor: a process of the host, or a container of docker or containerd',
    fallback: 'process',
  },
  {
    long: 'network-plugin',
    kind: 'string',
    value: 'PLUGIN',
    choices: ['bridge', 'user', 'cni', 'docker-bridge'],
    hidden: true,
    help: 'The same as --network: bridge, user, cni or docker-bridge',
  },
];

/** The same words for VMs that a source makes (CLI-F06 to CLI-F08). */
export const newVmFlags: readonly FlagSpec[] = [
  ...runtimeFlags,
  {
    long: 'id-prefix',
    kind: 'string',
    value: 'PREFIX',
    hidden: true,
    help: "Prefix of a container's name; default ignite",
  },
];

const oldWords: readonly FlagSpec[] = [
  ...newVmFlags,
  {
    long: 'sandbox-image',
    kind: 'string',
    value: 'IMAGE',
    help: "Image of the supervisor's container, with --runtime docker or containerd; default: ours",
  },
];

/** All flags that describe a VM to be made. */
export const createFlags: readonly FlagSpec[] = [
  ...identity,
  ...machine,
  ...capFlags,
  ...command,
  ...connections,
  ...healthFlags,
  ...pulling,
  ...oldWords,
  ...dockerFlags,
];
