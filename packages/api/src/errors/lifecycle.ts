import type { ErrorTable } from './entry.ts';

/** Errors of the room `lifecycle`: what can be done with a VM, and how a start fails. */
export const lifecycleErrors = {
  'vm/not-found': {
    status: 404,
    exit: 1,
    blame: 'user',
    hint: 'List the VMs there are with `ignite ps -a`.',
  },
  'vm/ambiguous': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Give the whole name or more of the UID.',
  },
  'vm/name-taken': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Choose another name or UID (--name, metadata.uid), or remove the other VM with `ignite rm`; `ignite ps -a` lists all.',
  },
  'lifecycle/too-many': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Remove VMs that are not needed with `ignite rm`.',
  },
  'vm/running': { status: 409, exit: 1, blame: 'user', hint: 'Stop it first, or use -f.' },
  'vm/needs-recreate': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'A new VM loses the disk of the old one: allow it with --allow-recreate, or with the annotation ignite.vm/on-change: recreate.',
  },
  'vm/managed': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Change it where it is declared; `ignite stop` and `ignite start` hold it until `ignite resume`. `ignite apply --take-over` makes it your own.',
  },
  'vm/protected': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Let it go first with `ignite unprotect`.',
  },
  'vm/no-host-key': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Use `ignite exec`, which needs no SSH server.',
  },
  'vm/no-network': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Use `ignite exec`, which needs no network; or make the VM with --network bridge.',
  },
  'vm/uses-it': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Remove those VMs first, or use -f, which removes them too.',
  },
  'vm/not-running': { status: 409, exit: 1, blame: 'user', hint: 'Start it with `ignite start`.' },
  'vm/paused': { status: 409, exit: 1, blame: 'user', hint: 'Let it go on with `ignite unpause`.' },
  'vm/cannot-pause': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Make the VM with another --vmm; `ignite system info` lists those of this host.',
  },
  'vm/broken': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Make it whole from its backup and from what is on the host with `ignite repair`; nothing was deleted.',
  },
  'vm/unmanaged': {
    status: 409,
    exit: 1,
    blame: 'host',
    hint: 'Adopt it with `ignite repair`, or end it with `ignite rm -f`.',
  },
  'image/no-command': {
    status: 400,
    exit: 125,
    blame: 'user',
    hint: 'Name a command after the image: `ignite run IMAGE COMMAND`.',
  },
  'start/guest-silent': {
    status: 504,
    exit: 1,
    blame: 'user',
    hint: 'Give it more time with --timeout. `ignite run --keep-failed` keeps such a VM: then `ignite logs --console` has all it said.',
  },
  'start/guest-ended': {
    status: 500,
    exit: 1,
    blame: 'user',
    hint: 'The lines above tell why. `ignite run --keep-failed` keeps such a VM: then `ignite logs --console` has all it said.',
  },
  'start/command-not-found': {
    status: 400,
    exit: 127,
    blame: 'user',
    hint: 'The image has no such program; its PATH is searched as in Docker.',
  },
  'start/command-not-executable': {
    status: 400,
    exit: 126,
    blame: 'user',
    hint: 'The file is there but cannot be executed: look at its mode and its architecture.',
  },
  'start/failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The stage and the cause are named above; `ignite logs --vmm` has what the VMM said.',
  },
  'lifecycle/superseded': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Another command for the same VM came later and won.',
  },
  'lifecycle/no-convergence': {
    status: 500,
    exit: 1,
    blame: 'bug',
    hint: 'The host did not become what the VM needs; please report it with `ignite inspect` of the VM.',
  },
} as const satisfies ErrorTable;
