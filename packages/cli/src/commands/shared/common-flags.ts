// Flags that several commands share word for word.
import type { FlagSpec } from '../../argv/grammar.ts';

/** Flags of every command. */
export const globalFlags: readonly FlagSpec[] = [
  { long: 'help', short: 'h', kind: 'bool', help: 'Show help' },
  { long: 'quiet', short: 'q', kind: 'bool', help: 'Say nothing but data: UIDs only' },
  {
    long: 'host',
    kind: 'string',
    value: 'SOCKET',
    help: "The daemon's socket",
    fallback: 'IGNITE_HOST, else the one that runs',
  },
  {
    long: 'ignite-config',
    kind: 'string',
    value: 'FILE',
    completes: 'file',
    hidden: true,
    help: 'Configuration file for this command',
  },
  {
    long: 'log-level',
    kind: 'string',
    value: 'LEVEL',
    hidden: true,
    choices: ['panic', 'fatal', 'error', 'warn', 'warning', 'info', 'debug', 'trace'],
    help: 'How much is said on stderr',
    fallback: 'info',
  },
];

/** Signals that completion offers; any other of the guest's may be named. */
export const SIGNALS = ['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'CONT', 'STOP'];

/** How `stop` and `restart` ask the guest to end. */
export const signalFlag: FlagSpec = {
  long: 'signal',
  short: 's',
  kind: 'string',
  value: 'SIGNAL',
  offers: SIGNALS,
  help: 'Signal sent to the command in app mode',
};

/** How long they wait for that. */
export const graceFlag: FlagSpec = {
  long: 'time',
  also: ['timeout'],
  short: 't',
  kind: 'int',
  value: 'SECONDS',
  help: 'How long the guest has to shut down',
  fallback: '20; 60 for a machine',
};

/** Restart policies that completion offers; on-failure:N is the one more. */
export const RESTART_POLICIES = ['no', 'on-failure', 'always', 'unless-stopped'];

/** `--format`, `-o`: how a list is printed. */
export const formatFlags: readonly FlagSpec[] = [
  {
    long: 'format',
    kind: 'string',
    value: 'FORMAT',
    offers: ['table', 'json'],
    help: 'table, json (one object a line), or a template such as "{{.ID}}"',
  },
  {
    long: 'output',
    short: 'o',
    kind: 'string',
    value: 'FORM',
    choices: ['json', 'yaml'],
    help: 'Whole objects as json or yaml',
  },
  { long: 'no-trunc', kind: 'bool', help: 'Show everything in full' },
];

/** For what asks first on a terminal. */
export const yesFlag: FlagSpec = { long: 'yes', short: 'y', kind: 'bool', help: 'Do not ask' };

/** Keys for SSH (CLI rule 5). */
export const identityFlag: FlagSpec = {
  long: 'identity',
  kind: 'string',
  value: 'FILE',
  completes: 'file',
  help: 'Private key: go by SSH with it',
};

/** For a guest whose agent reports no keys. */
export const insecureFlag: FlagSpec = {
  long: 'insecure',
  kind: 'bool',
  help: 'By SSH: go on without knowing who answers',
};

/** How long to wait for a VM that runs, or is about to. */
export const timeoutFlag: FlagSpec = {
  long: 'timeout',
  kind: 'int',
  value: 'SECONDS',
  help: 'How long to wait for the VM to answer',
  fallback: '30',
};

/** A boot may be emulated on a busy host. */
export const startTimeoutFlag: FlagSpec = { ...timeoutFlag, fallback: '300' };

/** Further flags of `start` and `run`. */
export const startFlags: readonly FlagSpec[] = [
  { long: 'interactive', short: 'i', kind: 'bool', help: 'Attach, and send stdin' },
  {
    long: 'attach',
    short: 'a',
    kind: 'list',
    value: 'STREAM',
    choices: ['stdin', 'stdout', 'stderr', 'STDIN', 'STDOUT', 'STDERR'],
    help: 'Attach this stream only',
  },
  {
    long: 'detach-keys',
    kind: 'string',
    value: 'KEYS',
    help: 'Keys that detach a terminal',
    fallback: 'ctrl-p,ctrl-q',
  },
  { long: 'debug', kind: 'bool', hidden: true, help: 'No effect outside containers' },
  {
    long: 'ignore-preflight-checks',
    kind: 'list',
    value: 'CHECK',
    element: /./,
    hidden: true,
    help: 'Port, all: publish ports also where a program of the host listens on them; other types have no effect',
  },
];
