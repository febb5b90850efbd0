import type { ErrorTable } from './entry.ts';

/** Errors of the rooms `cli` and `client`: what was typed, files of the caller, the way to the daemon. */
export const cliErrors = {
  'cli/usage': { status: 400, exit: 1, blame: 'user', hint: '' },
  'cli/interrupted': {
    status: 499,
    exit: 130,
    blame: 'user',
    hint: 'Nothing was left behind; run it again.',
  },
  'cli/failed': {
    status: 500,
    exit: 1,
    blame: 'bug',
    hint: 'This is a mistake in Ignite; please report it with the text above.',
  },
  'cli/not-available': {
    status: 501,
    exit: 1,
    blame: 'user',
    hint: 'Leave the option out: Ignite then uses its own way, which needs none of it.',
  },
  'cli/file-unreadable': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Check the path and your rights on it.',
  },
  'cli/bad-file': { status: 400, exit: 1, blame: 'user', hint: 'Mend the line named above.' },
  'cli/file-unwritable': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Check the path, your rights on it, and the space left.',
  },
  'cli/name-required': { status: 400, exit: 1, blame: 'user', hint: 'Give one with --name.' },
  'cli/no-match': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: '`ignite ps -a`, `ignite images` and `ignite kernels` list what there is.',
  },
  'cli/template': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: '`ignite inspect` and `ignite ps -o json` show the names of all fields.',
  },
  'cli/not-running': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Start it with `ignite start`; `ignite logs` shows how it ended.',
  },
  'cli/daemon-unreachable': {
    status: 503,
    exit: 1,
    blame: 'host',
    hint: 'Start it with `ignited --background`, or leave --host and IGNITE_HOST out to have one started.',
  },
  'cli/daemon-refused': {
    status: 403,
    exit: 1,
    blame: 'user',
    hint: 'Use sudo, or join the group with `sudo usermod -aG ignite "$USER"` and log in again, or start a daemon of your own: `ignited --background &`.',
  },
  'cli/daemon-not-started': {
    status: 503,
    exit: 1,
    blame: 'host',
    hint: 'The last lines of its log are above; `ignite doctor` checks the host.',
  },
  'cli/connection-lost': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'VMs keep running without the daemon; `ignite ps` starts it again and tells how things are.',
  },
  'cli/no-answer': {
    status: 504,
    exit: 1,
    blame: 'host',
    hint: 'The daemon is busy or hangs; its log is in the state directory.',
  },
  'cli/strange-answer': {
    status: 502,
    exit: 1,
    blame: 'bug',
    hint: 'CLI and daemon may be of different releases; `ignite system stop` ends the old daemon, VMs keep running.',
  },
  'cli/foreign-error': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The daemon is newer than this program; the message is its own.',
  },
  'cli/credential-helper': {
    status: 500,
    exit: 1,
    blame: 'user',
    hint: 'Install or mend the helper, or take `credsStore` or `credHelpers` out of the file that names it.',
  },
  'cli/source-unreachable': {
    status: 503,
    exit: 1,
    blame: 'user',
    hint: 'Start it, or check your rights on its socket (sudo); DOCKER_HOST and CONTAINERD_ADDRESS name another.',
  },
  'cli/source-refused': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: '`docker images` and `ctr -n NAMESPACE images ls` list what is there.',
  },
  'cli/program-missing': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Install the program named above.',
  },
  'cli/copy': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'One side is VM:PATH, the other a path of this host or - for a tar stream.',
  },
} as const satisfies ErrorTable;
