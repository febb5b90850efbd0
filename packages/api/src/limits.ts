// Limits and constants that more than one room, or the CLI and the daemon, must agree on (FORMATS).

/** Group and version that we store and serve (DESIGN D10). */
export const API_VERSION = 'ignite.vm/v1beta1';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

export const LIMITS = {
  /** Bytes of a JSON request body. */
  bodyBytes: MIB,
  /** Bytes of one manifest document, before and after its aliases are filled in. */
  manifestBytes: MIB,
  /** Bytes of a record file. */
  recordBytes: 256 * KIB,
  /** Bytes of a journal line with its line feed. */
  journalLineBytes: 4096,
  labels: 64,
  labelKeyBytes: 63,
  labelValueBytes: 256,
  annotations: 64,
  annotationKeyBytes: 317,
  annotationValueBytes: 16 * KIB,
  nameLength: 253,
  /** Linux guests: HOST_NAME_MAX of gethostname(2). */
  hostnameLength: 64,
  cpus: 256,
  memoryMinBytes: 64 * MIB,
  memoryMaxBytes: 16 * 1024 * GIB,
  diskMinBytes: MIB,
  /** ext4 with 4 KiB blocks and 32-bit block numbers. */
  diskMaxBytes: 16 * 1024 * GIB,
  ports: 1024,
  /** Network interfaces of one VM. */
  nics: 8,
  /** Rules of one VM's network policy. */
  policyRules: 64,
  volumes: 16,
  volumeNameLength: 128,
  tmpfs: 64,
  /** Least and most that a cap can be: below, a guest does not boot in its deadline. */
  diskIopsMin: 10,
  bandwidthMinBytes: 64 * KIB,
  cpuLimitMin: 0.05,
  copyFiles: 1024,
  /** Bytes of files that a VM is given before its first start; the guest's configuration has 16 MiB. */
  seedBytes: 15 * MIB,
  /** Counted for each file in addition to its path and its bytes, as a tree of empty files takes room, too. */
  seedEntryBytes: 64,
  commandWords: 4096,
  environment: 4096,
  /** Places for VMs in one state directory (DESIGN D13: uid = base + ordinal × 4097 + slot). */
  slots: 4096,
} as const;

/** What a VM gets when neither the user nor Configuration says anything (the original's values). */
export const DEFAULTS = {
  cpus: 1,
  memoryBytes: 512 * MIB,
  diskBytes: 4 * GIB,
  /** Of a volume made by `-v` or without --size; it is sparse and grows. */
  volumeBytes: 10 * GIB,
  /** Threads that a VMM needs to start at all, with room for its workers. */
  leastPids: 64,
  /** Seconds that `stop` waits; Docker has 10, the original's guests had 20 before the VMM was ended. */
  stopTimeoutSeconds: 20,
  /** The same for a machine: systemd ends its services one by one, and may be asked in the middle of its boot. */
  machineStopTimeoutSeconds: 60,
  /** Seconds that exec, ssh and cp wait for a starting VM (CLI rule 6). */
  connectTimeoutSeconds: 30,
  idPrefix: 'ignite',
} as const;
