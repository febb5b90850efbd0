// The one table of the guest link, the facts channel and the guest configuration (FORMATS, "Guest link").
// scripts/generate-protocol.ts writes it out as TypeScript (constants.ts) and as a C header (native/include).

/** A named group of numbers or words; becomes one `const` object in TypeScript and `IGN_<GROUP>_<NAME>` in C. */
export interface Group {
  /** What the group is, one sentence; copied into both outputs. */
  readonly about: string;
  readonly values: Readonly<Record<string, number | string>>;
}

/** Every group, by its name. Numbers are never reused: a retired one stays as a comment. */
export const table = {
  LIMIT: {
    about: 'Sizes in bytes and counts that both ends keep.',
    values: {
      HEADER: 12,
      /** Largest payload of one frame. */
      PAYLOAD: 65_536,
      /** Credit of one channel of one stream at its start; counts data bytes, not the channel byte. */
      WINDOW: 262_144,
      STREAMS: 256,
      /** Largest OPEN after joining its MORE frames. */
      OPEN: 1_048_576,
      PREAMBLE: 32,
      SESSION_ID: 16,
      TOKEN: 16,
      TLV_HEADER: 6,
      /** Bytes of a LOG payload before its data: stream u8, guest time u64 in nanoseconds since the epoch. */
      LOG_HEADER: 9,
      /** A file of /proc or /sys that says size 0 is read whole up to this. */
      UNSIZED_FILE: 4_194_304,
      /** Largest guest configuration. */
      CONFIG: 16_777_216,
    },
  },
  VERSION: {
    about:
      'Versions: of the link (in the preamble), of ignite-spawn, of its runner and of the guest configuration.',
    values: { LINK_MAJOR: 1, LINK_MINOR: 0, SPAWN: 1, RUNNER: 2, CONFIG: 1 },
  },
  FLAG: { about: 'Bits of the header’s flags byte.', values: { MORE: 1 } },
  FRAME: {
    about: 'Frame types. 0x80 and above may be skipped by those who do not know them.',
    values: {
      HELLO: 0x01,
      PING: 0x02,
      PONG: 0x03,
      BYE: 0x04,
      OPEN: 0x10,
      OPENED: 0x11,
      DATA: 0x12,
      EOF: 0x13,
      CREDIT: 0x14,
      SIGNAL: 0x15,
      RESIZE: 0x16,
      EXIT: 0x17,
      RESET: 0x18,
      CALL: 0x20,
      REPLY: 0x21,
      QUIESCE: 0x22,
      IDENTITY: 0x23,
      READY: 0x40,
      LOG: 0x41,
      INTENT: 0x42,
      DONE: 0x43,
      NOTE: 0x44,
      TOKEN: 0x45,
    },
  },
  CHANNEL: {
    about: 'Channels of a stream: first byte of DATA, EOF, CREDIT.',
    values: { IN: 0, OUT: 1, ERR: 2 },
  },
  OPEN_KIND: {
    about: 'Value of TAG.KIND in OPEN. CONSOLE exists only between CLI and daemon.',
    values: { EXEC: 1, GET: 2, PUT: 3, STAT: 4, ATTACH: 5, CONSOLE: 6 },
  },
  TAG: {
    about: 'Tags of TLV records in control payloads; integers are little endian, texts UTF-8 without NUL.',
    values: {
      /** HELLO, READY: text, version of the agent or of the daemon. */
      AGENT_VERSION: 1,
      /** HELLO: text, one feature; repeats. */
      FEATURE: 2,
      /** HELLO: text, the guest's boot id. */
      BOOT_ID: 3,
      /** HELLO: u32 each. */
      MAX_PAYLOAD: 4,
      MAX_STREAMS: 5,
      WINDOW: 6,
      /** BYE, RESET, REPLY, NOTE: text for people. */
      TEXT: 7,
      /** RESET, REPLY: text, a word of ERROR. */
      ERROR: 8,
      /** RESET, REPLY: u32. */
      ERRNO: 9,
      /** OPEN: u8 of OPEN_KIND. */
      KIND: 16,
      /** OPEN: bytes, one word of argv; repeats. */
      ARG: 17,
      /** OPEN: bytes NAME=value; repeats. */
      ENV: 18,
      CWD: 19,
      /** OPEN: text user[:group]. */
      USER: 20,
      /** OPEN: u8 1. */
      TTY: 21,
      /** OPEN, RESIZE: u16. */
      ROWS: 22,
      COLUMNS: 23,
      TERM: 24,
      /** OPEN: u8 1: outlives the session. */
      DETACHED: 25,
      /** OPEN get, put, stat: bytes. */
      PATH: 26,
      /** OPEN get, stat: u8 1: a named symlink is followed. */
      FOLLOW: 27,
      /** OPEN put: u8 1: owners as in the archive. */
      KEEP_OWNER: 28,
      /** OPENED: u32. */
      PID: 32,
      /** OPENED: u8 of FILE_KIND. */
      FILE_KIND: 33,
      /** OPENED: u32 permission bits. */
      FILE_MODE: 34,
      /** OPENED: u64. */
      FILE_SIZE: 35,
      /** EXIT, DONE: i32 exit code; absent where a signal ended it. */
      CODE: 40,
      /** EXIT, DONE: u32 signal number. */
      SIGNAL: 41,
      /** EXIT, DONE: u8 1: the kernel's out-of-memory killer was at work. */
      OOM: 42,
      /** SIGNAL: u8 1: to the whole process group. */
      GROUP: 43,
      /** CALL, REPLY: u32 request id. */
      REQUEST: 48,
      /** CALL: u8 of VERB. */
      VERB: 49,
      /** CALL shutdown: u8 of INTENT. */
      HOW: 50,
      /** CALL time: u64 nanoseconds since the epoch; REPLY stats: the guest's. */
      TIME: 51,
      /** CALL grow: u32 index of the drive. */
      DRIVE: 52,
      /** REPLY stats: u64 bytes. */
      MEMORY_TOTAL: 53,
      MEMORY_AVAILABLE: 54,
      /** REPLY stats: u64 microseconds of CPU time used, all CPUs. */
      CPU_USED: 55,
      /** REPLY stats: u64 bytes of the root file system. */
      DISK_TOTAL: 56,
      DISK_FREE: 57,
      /** REPLY stats: u32. */
      PROCESSES: 58,
      /** REPLY stats: u64 bytes, all interfaces but the loopback. */
      NET_RECEIVED: 59,
      NET_SENT: 60,
      /** CALL processes: u32, only those of higher pid; absent: all. REPLY: from where to ask on; absent: that was all. */
      AFTER: 61,
      /** REPLY processes: text, pid parent uid state cpu-µs resident-bytes start-µs command; repeats, by pid. */
      PROCESS: 62,
      /** READY: u8 of MODE. */
      MODE: 64,
      /** READY, NOTE: text, name of a stage. In READY a STAGE_MS follows each STAGE. */
      STAGE: 65,
      /** READY, NOTE: u32 milliseconds of the guest's monotonic clock when the stage ended. */
      STAGE_MS: 66,
      /** INTENT: u8 of INTENT. */
      INTENT: 67,
    },
  },
  VERB: {
    about: 'Value of TAG.VERB in CALL.',
    values: { SHUTDOWN: 1, SYNC: 2, TIME: 3, STATS: 4, GROW: 5, PROCESSES: 6 },
  },
  MODE: { about: 'Value of TAG.MODE and CONFIG.MODE.', values: { APP: 1, SYSTEM: 2 } },
  INTENT: {
    about: 'Value of TAG.INTENT and TAG.HOW.',
    values: { UNKNOWN: 0, POWEROFF: 1, REBOOT: 2, HALT: 3 },
  },
  FILE_KIND: { about: 'Value of TAG.FILE_KIND.', values: { FILE: 1, DIRECTORY: 2, SYMLINK: 3, OTHER: 4 } },
  ERROR: {
    about: 'Words of TAG.ERROR.',
    values: {
      NOT_FOUND: 'not-found',
      NOT_EXECUTABLE: 'not-executable',
      NO_USER: 'no-user',
      NO_DIRECTORY: 'no-directory',
      TOO_MANY: 'too-many',
      BAD_REQUEST: 'bad-request',
      BAD_ARCHIVE: 'bad-archive',
      UNSUPPORTED: 'unsupported',
      IO: 'io',
    },
  },
  CONFIG: {
    about: 'Tags of the guest configuration, the file /ignite/config of the initrd.',
    values: {
      /** u32, VERSION.CONFIG; first record. */
      VERSION: 1,
      /** u8 of MODE. */
      MODE: 2,
      /** 16 bytes. */
      TOKEN: 3,
      HOSTNAME: 4,
      /** 32 hex digits. */
      MACHINE_ID: 5,
      /** Nested: NIC. */
      NIC: 6,
      /** text address; repeats. */
      DNS: 7,
      /** text: a line of /etc/hosts; repeats. */
      HOST: 8,
      /** u32 drive index. */
      ROOT_DRIVE: 9,
      MODULES_DRIVE: 10,
      /** Nested: MOUNT. */
      MOUNT: 11,
      /** text path. */
      INIT: 12,
      /** u8 of INIT_KIND. */
      INIT_KIND: 13,
      /** Nested: APP. */
      APP: 14,
      /** text: one line of authorized_keys; repeats. */
      AUTHORIZED_KEY: 15,
      /** Nested: FILE. */
      FILE: 16,
      /** u64 nanoseconds since the epoch. */
      TIME: 17,
      /** u8 of POWER_OFF. */
      POWER_OFF: 18,
      /** u8 of CHANNELS. */
      CHANNELS: 19,
      /** Nested: SERIAL; repeats. A drive whose serial the VMM chooses; the others have DRIVE_SERIAL and their index. */
      SERIAL: 20,
      /** u32 drive index: a tar of files for the first start, below the root. Absent: there is none. */
      FILES_DRIVE: 21,
    },
  },
  NIC: {
    about:
      'Tags inside CONFIG.NIC: MAC 6 bytes, addresses as text, PREFIX u8, MTU u32; ROUTE "CIDR[ via]" and FURTHER, an ' +
      'address with its prefix length, repeat and may be of IPv6.',
    values: { MAC: 1, ADDRESS: 2, PREFIX: 3, GATEWAY: 4, MTU: 5, ROUTE: 6, FURTHER: 7 },
  },
  MOUNT: {
    about:
      'Tags inside CONFIG.MOUNT: DRIVE u32, PATH text, READ_ONLY u8. With TYPE text a file system of that type is ' +
      'mounted instead of a drive, from SOURCE text with OPTIONS text; EXEC u8: its programs may be executed.',
    values: { DRIVE: 1, PATH: 2, READ_ONLY: 3, TYPE: 4, SOURCE: 5, OPTIONS: 6, EXEC: 7 },
  },
  SERIAL: { about: 'Tags inside CONFIG.SERIAL: DRIVE u32, TEXT text.', values: { DRIVE: 1, TEXT: 2 } },
  FILE: {
    about:
      'Tags inside CONFIG.FILE: PATH text, MODE UID GID u32, CONTENT bytes, KIND u8 of FILE_KIND, absent: a file.',
    values: { PATH: 1, MODE: 2, UID: 3, GID: 4, CONTENT: 5, KIND: 6 },
  },
  APP: {
    about: 'Tags inside CONFIG.APP: ARG and ENV repeat; TTY, STDIN u8; STOP_SIGNAL u8.',
    values: { ARG: 1, ENV: 2, WORKDIR: 3, USER: 4, TTY: 5, STDIN: 6, STOP_SIGNAL: 7 },
  },
  INIT_KIND: { about: 'Value of CONFIG.INIT_KIND.', values: { SYSTEMD: 1, OPENRC: 2, SYSV: 3 } },
  POWER_OFF: {
    about: 'Value of CONFIG.POWER_OFF: how the VM must end so that its VMM notices.',
    values: { RESET: 1, ACPI: 2 },
  },
  CHANNELS: {
    about: 'Value of CONFIG.CHANNELS: what carries facts and link.',
    values: { PORTS: 1, VSOCK: 2 },
  },
  VSOCK: {
    about:
      'Ports of the host that the guest connects to; what it sends first on LINK is the token of the boot.',
    values: { FACTS: 1024, LINK: 1025 },
  },
  NAME: {
    about: 'Names that both sides of the VM know.',
    values: {
      MAGIC_HEX: 'ff49474e4c4e4b31',
      FACTS_PORT: 'org.ignite.facts',
      LINK_PORT: 'org.ignite.link',
      DRIVE_SERIAL: 'ign',
      CONFIG_FILE: '/ignite/config',
      MODULE_LIST: '/ignite/modules',
      LATER_MODULE_LIST: '/ignite/modules-later',
      MODULE_FOLDER: '/ignite/mod',
    },
  },
} as const satisfies Readonly<Record<string, Group>>;
