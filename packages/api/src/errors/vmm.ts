import type { ErrorTable } from './entry.ts';

/** Errors of the room `vmm`. */
export const vmmErrors = {
  'vmm/none-usable': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'Fix what is reported above for one of them, or install it; `ignite system info` shows what each lacks.',
  },
  'vmm/lacks-capability': {
    status: 409,
    exit: 1,
    blame: 'user',
    hint: 'Choose the VMM named above with --vmm, or leave --vmm out.',
  },
  'vmm/no-kvm': {
    status: 409,
    exit: 1,
    blame: 'host',
    hint: 'Leave --accel out: then a VM is emulated where KVM does not work. `ignite doctor` says what would make it work.',
  },
  'vmm/unknown': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Leave --vmm out, or use one of those named above.',
  },
  'vmm/request-too-large': {
    status: 400,
    exit: 1,
    blame: 'user',
    hint: 'Make what is sent to the VMM smaller: labels and metadata of the VM.',
  },
  'vmm/control-failed': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: '`ignite logs --vmm VM` shows what the VMM said.',
  },
  'vmm/control-lost': {
    status: 500,
    exit: 1,
    blame: 'host',
    hint: 'The VMM has ended or is ending; `ignite ps -a` shows what became of the VM.',
  },
} as const satisfies ErrorTable;
