import type { ErrorTable } from './entry.ts';

/** Errors of the room `supervisor`. */
export const supervisorErrors = {
  'supervisor/start-failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The message names the stage that failed; `ignite doctor` checks the host.',
  },
  'supervisor/too-old': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Both must be of one version: type `make install` (or `make native`) in the folder of Ignite, then restart the daemon.',
  },
  'supervisor/bad-launch': {
    status: 500,
    exit: 1,
    blame: 'bug',
    hint: 'This is a mistake in Ignite; please report it with the message above.',
  },
  'supervisor/no-runtime': {
    status: 400,
    exit: 1,
    blame: 'host',
    hint: 'Start that program (`sudo systemctl start docker`, `… containerd`), or take the supervisor of ignite: `--runtime process`.',
  },
  'supervisor/runtime-refused': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The program’s own words are above; what the start had made is removed.',
  },
  'supervisor/no-sandbox-image': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'No login of yours is handed to Docker or containerd. From a registry that asks for one, pull it once yourself: `docker pull IMAGE`, or `sudo ctr -n firecracker images pull --user NAME IMAGE`.',
  },
  'supervisor/needs-root': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Containers are for the system’s daemon: use it (`sudo ignite system install`), or leave --runtime out.',
  },
  'supervisor/gone': {
    status: 409,
    exit: 1,
    blame: 'host',
    hint: 'The VM has ended meanwhile; `ignite ps -a` shows how.',
  },
  'supervisor/unknown-version': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The VM was started by a newer Ignite: start that version of the daemon, or stop the VM with it first.',
  },
  'supervisor/silent': {
    status: 504,
    exit: 1,
    blame: 'host',
    hint: 'The supervisor of the VM does not answer; `ignite kill VM` ends it.',
  },
} as const satisfies ErrorTable;
