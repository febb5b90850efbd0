import type { ErrorTable } from './entry.ts';

/** Errors of the room `guest`: the link to the agent, and frames in general. */
export const guestErrors = {
  'guest/protocol': {
    status: 502,
    exit: 1,
    blame: 'bug',
    hint: 'One side of the connection broke the frame rules; the connection was closed. Try again, and report it if it stays.',
  },
  'guest/unreachable': {
    status: 504,
    exit: 1,
    blame: 'host',
    hint: 'The agent in the guest did not answer in time; `ignite logs --console VM` shows what the guest does.',
  },
  'guest/link-lost': {
    status: 502,
    exit: 1,
    blame: 'host',
    hint: 'The guest ended, or its agent did: `ignite ps -a` tells whether the VM still runs.',
  },
  'guest/agent-too-old': {
    status: 501,
    exit: 1,
    blame: 'user',
    hint: 'Type `ignite restart VM`: it then gets the agent of this version.',
  },
  'guest/not-found': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'Check the path inside the guest: `ignite exec VM ls PATH`.',
  },
  'guest/command-not-found': {
    status: 404,
    exit: 127,
    blame: 'user',
    hint: 'Check the spelling, or install the program in the VM; `ignite exec -it VM sh` is a look inside.',
  },
  'guest/command-not-executable': {
    status: 422,
    exit: 126,
    blame: 'user',
    hint: 'Check inside the guest its mode (`chmod +x`), its architecture and the program of its first line, `#!`.',
  },
  'guest/no-user': {
    status: 422,
    exit: 126,
    blame: 'user',
    hint: 'Use a user of the guest’s /etc/passwd (`ignite exec VM cat /etc/passwd`), or a number.',
  },
  'guest/no-directory': {
    status: 422,
    exit: 126,
    blame: 'user',
    hint: 'Use a directory that exists inside the guest: -w PATH; `ignite exec VM mkdir -p PATH` makes one.',
  },
  'guest/busy': {
    status: 429,
    exit: 1,
    blame: 'user',
    hint: 'Too many streams are open to this guest; end some `exec`, `logs -f` or `cp`, and try again.',
  },
  'guest/bad-archive': {
    status: 422,
    exit: 1,
    blame: 'user',
    hint: 'Send a tar archive whose names stay below the target.',
  },
  'guest/failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The guest refused; the message has its reason.',
  },
  'guest/init-missing': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The program for the guest is missing: build it with `make` in the folder of Ignite, or install Ignite again.',
  },
} as const satisfies ErrorTable;
