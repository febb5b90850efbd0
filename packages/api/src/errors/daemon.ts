import type { ErrorTable } from './entry.ts';

/** Errors of the daemon's HTTP interface. */
export const daemonErrors = {
  'daemon/bad-request': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'The API is described by docs/openapi.json; CLI and daemon may be one release apart.',
  },
  'daemon/no-such-operation': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'The API is described by docs/openapi.json; a newer CLI may need a newer daemon.',
  },
  'daemon/too-large': {
    status: 413,
    exit: 1,
    blame: 'user',
    hint: 'Send less at once: files go into a VM by --copy-files or `ignite cp`.',
  },
  'daemon/internal': {
    status: 500,
    exit: 1,
    blame: 'bug',
    hint: 'Please report it with the lines of the daemon’s log, `ignited.log` in its state directory.',
  },
  'daemon/usage': { status: 400, exit: 1, blame: 'user', hint: 'See `ignited --help`.' },
  'daemon/metrics-address': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write an address of this host and a free port: --metrics 127.0.0.1:9436.',
  },
  'daemon/handed-over': {
    status: 502,
    exit: 1,
    blame: 'user',
    hint: 'Another daemon runs already and was asked to follow the source; `ignite gitops status` shows what it follows.',
  },
  'daemon/incomplete': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Build them with `make`, or install Ignite anew.',
  },
  'daemon/bad-configuration': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Correct the file named above; nothing was started.',
  },
  'daemon/stopping': {
    status: 503,
    exit: 1,
    blame: 'host',
    hint: 'Try again: the next command finds a new daemon.',
  },
} as const satisfies ErrorTable;
