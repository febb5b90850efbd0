import type { ErrorTable } from './entry.ts';

/** Errors of declared objects: manifests against what there is, and the sources they come from. */
export const declareErrors = {
  'declare/twice': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Each VM is declared once: give one of the two another name and UID, or remove it.',
  },
  'declare/nameless': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Write metadata.name; a UID is made from it where there is none.',
  },
  'declare/conflict': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'One source declares a VM: remove it from the other, or take it with `ignite apply --take-over`.',
  },
  'declare/identity': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Leave the UID out, or write the one that `ignite inspect` shows; remove the VM first to give its name to another.',
  },
  'declare/failed': {
    status: 500,
    exit: 1,
    blame: 'bug',
    hint: 'Please report it with the lines of the daemon’s log.',
  },
} as const satisfies ErrorTable;
