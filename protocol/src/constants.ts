// Generated from protocol/src/table.ts by scripts/generate-protocol.ts. Do not edit.

/** Sizes in bytes and counts that both ends keep. */
export const LIMIT = {
  HEADER: 12,
  PAYLOAD: 65536,
  WINDOW: 262144,
  STREAMS: 256,
  OPEN: 1048576,
  PREAMBLE: 32,
  SESSION_ID: 16,
  TOKEN: 16,
  TLV_HEADER: 6,
  LOG_HEADER: 9,
  UNSIZED_FILE: 4194304,
  CONFIG: 16777216,
} as const;

/** Versions: of the link (in the preamble), of ignite-spawn, of its runner and of the guest configuration. */
export const VERSION = {
  LINK_MAJOR: 1,
  LINK_MINOR: 0,
  SPAWN: 1,
  RUNNER: 2,
  CONFIG: 1,
} as const;

/** Bits of the header’s flags byte. */
export const FLAG = {
  MORE: 1,
} as const;

/** Frame types. 0x80 and above may be skipped by those who do not know them. */
export const FRAME = {
  HELLO: 1,
  PING: 2,
  PONG: 3,
  BYE: 4,
  OPEN: 16,
  OPENED: 17,
  DATA: 18,
  EOF: 19,
  CREDIT: 20,
  SIGNAL: 21,
  RESIZE: 22,
  EXIT: 23,
  RESET: 24,
  CALL: 32,
  REPLY: 33,
  QUIESCE: 34,
  IDENTITY: 35,
  READY: 64,
  LOG: 65,
  INTENT: 66,
  DONE: 67,
  NOTE: 68,
  TOKEN: 69,
} as const;

/** Channels of a stream: first byte of DATA, EOF, CREDIT. */
export const CHANNEL = {
  IN: 0,
  OUT: 1,
  ERR: 2,
} as const;

/** Value of TAG.KIND in OPEN. CONSOLE exists only between CLI and daemon. */
export const OPEN_KIND = {
  EXEC: 1,
  GET: 2,
  PUT: 3,
  STAT: 4,
  ATTACH: 5,
  CONSOLE: 6,
} as const;

/** Tags of TLV records in control payloads; integers are little endian, texts UTF-8 without NUL. */
export const TAG = {
  AGENT_VERSION: 1,
  FEATURE: 2,
  BOOT_ID: 3,
  MAX_PAYLOAD: 4,
  MAX_STREAMS: 5,
  WINDOW: 6,
  TEXT: 7,
  ERROR: 8,
  ERRNO: 9,
  KIND: 16,
  ARG: 17,
  ENV: 18,
  CWD: 19,
  USER: 20,
  TTY: 21,
  ROWS: 22,
  COLUMNS: 23,
  TERM: 24,
  DETACHED: 25,
  PATH: 26,
  FOLLOW: 27,
  KEEP_OWNER: 28,
  PID: 32,
  FILE_KIND: 33,
  FILE_MODE: 34,
  FILE_SIZE: 35,
  CODE: 40,
  SIGNAL: 41,
  OOM: 42,
  GROUP: 43,
  REQUEST: 48,
  VERB: 49,
  HOW: 50,
  TIME: 51,
  DRIVE: 52,
  MEMORY_TOTAL: 53,
  MEMORY_AVAILABLE: 54,
  CPU_USED: 55,
  DISK_TOTAL: 56,
  DISK_FREE: 57,
  PROCESSES: 58,
  NET_RECEIVED: 59,
  NET_SENT: 60,
  AFTER: 61,
  PROCESS: 62,
  MODE: 64,
  STAGE: 65,
  STAGE_MS: 66,
  INTENT: 67,
} as const;

/** Value of TAG.VERB in CALL. */
export const VERB = {
  SHUTDOWN: 1,
  SYNC: 2,
  TIME: 3,
  STATS: 4,
  GROW: 5,
  PROCESSES: 6,
} as const;

/** Value of TAG.MODE and CONFIG.MODE. */
export const MODE = {
  APP: 1,
  SYSTEM: 2,
} as const;

/** Value of TAG.INTENT and TAG.HOW. */
export const INTENT = {
  UNKNOWN: 0,
  POWEROFF: 1,
  REBOOT: 2,
  HALT: 3,
} as const;

/** Value of TAG.FILE_KIND. */
export const FILE_KIND = {
  FILE: 1,
  DIRECTORY: 2,
  SYMLINK: 3,
  OTHER: 4,
} as const;

/** Words of TAG.ERROR. */
export const ERROR = {
  NOT_FOUND: 'not-found',
  NOT_EXECUTABLE: 'not-executable',
  NO_USER: 'no-user',
  NO_DIRECTORY: 'no-directory',
  TOO_MANY: 'too-many',
  BAD_REQUEST: 'bad-request',
  BAD_ARCHIVE: 'bad-archive',
  UNSUPPORTED: 'unsupported',
  IO: 'io',
} as const;

/** Tags of the guest configuration, the file /ignite/config of the initrd. */
export const CONFIG = {
  VERSION: 1,
  MODE: 2,
  TOKEN: 3,
  HOSTNAME: 4,
  MACHINE_ID: 5,
  NIC: 6,
  DNS: 7,
  HOST: 8,
  ROOT_DRIVE: 9,
  MODULES_DRIVE: 10,
  MOUNT: 11,
  INIT: 12,
  INIT_KIND: 13,
  APP: 14,
  AUTHORIZED_KEY: 15,
  FILE: 16,
  TIME: 17,
  POWER_OFF: 18,
  CHANNELS: 19,
  SERIAL: 20,
  FILES_DRIVE: 21,
} as const;

/** Tags inside CONFIG.NIC: MAC 6 bytes, addresses as text, PREFIX u8, MTU u32; ROUTE "CIDR[ via]" and FURTHER, an address with its prefix length, repeat and may be of IPv6. */
export const NIC = {
  MAC: 1,
  ADDRESS: 2,
  PREFIX: 3,
  GATEWAY: 4,
  MTU: 5,
  ROUTE: 6,
  FURTHER: 7,
} as const;

/** Tags inside CONFIG.MOUNT: DRIVE u32, PATH text, READ_ONLY u8. With TYPE text a file system of that type is mounted instead of a drive, from SOURCE text with OPTIONS text; EXEC u8: its programs may be executed. */
export const MOUNT = {
  DRIVE: 1,
  PATH: 2,
  READ_ONLY: 3,
  TYPE: 4,
  SOURCE: 5,
  OPTIONS: 6,
  EXEC: 7,
} as const;

/** Tags inside CONFIG.SERIAL: DRIVE u32, TEXT text. */
export const SERIAL = {
  DRIVE: 1,
  TEXT: 2,
} as const;

/** Tags inside CONFIG.FILE: PATH text, MODE UID GID u32, CONTENT bytes, KIND u8 of FILE_KIND, absent: a file. */
export const FILE = {
  PATH: 1,
  MODE: 2,
  UID: 3,
  GID: 4,
  CONTENT: 5,
  KIND: 6,
} as const;

/** Tags inside CONFIG.APP: ARG and ENV repeat; TTY, STDIN u8; STOP_SIGNAL u8. */
export const APP = {
  ARG: 1,
  ENV: 2,
  WORKDIR: 3,
  USER: 4,
  TTY: 5,
  STDIN: 6,
  STOP_SIGNAL: 7,
} as const;

/** Value of CONFIG.INIT_KIND. */
export const INIT_KIND = {
  SYSTEMD: 1,
  OPENRC: 2,
  SYSV: 3,
} as const;

/** Value of CONFIG.POWER_OFF: how the VM must end so that its VMM notices. */
export const POWER_OFF = {
  RESET: 1,
  ACPI: 2,
} as const;

/** Value of CONFIG.CHANNELS: what carries facts and link. */
export const CHANNELS = {
  PORTS: 1,
  VSOCK: 2,
} as const;

/** Ports of the host that the guest connects to; what it sends first on LINK is the token of the boot. */
export const VSOCK = {
  FACTS: 1024,
  LINK: 1025,
} as const;

/** Names that both sides of the VM know. */
export const NAME = {
  MAGIC_HEX: 'ff49474e4c4e4b31',
  FACTS_PORT: 'org.ignite.facts',
  LINK_PORT: 'org.ignite.link',
  DRIVE_SERIAL: 'ign',
  CONFIG_FILE: '/ignite/config',
  MODULE_LIST: '/ignite/modules',
  LATER_MODULE_LIST: '/ignite/modules-later',
  MODULE_FOLDER: '/ignite/mod',
} as const;
