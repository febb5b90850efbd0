// Flags of `docker run` that mean nothing to a VM, or more than it has.
import type { FlagSpec } from '../../argv/grammar.ts';

/** Docker's wishes: those a VM satisfies anyway, and those for less than a VM, which are refused (CLI rule 9). */
export const dockerFlags: readonly FlagSpec[] = [
  { long: 'privileged', kind: 'bool', hidden: true, help: 'No effect: root in a VM may do everything there' },
  {
    long: 'cap-add',
    kind: 'list',
    value: 'CAP',
    hidden: true,
    help: 'No effect: root in a VM has all capabilities',
  },
  { long: 'init', kind: 'bool', hidden: true, help: 'No effect: the command always has an init above it' },
  {
    long: 'expose',
    kind: 'list',
    value: 'PORT',
    hidden: true,
    help: 'No effect: nothing hides ports between VMs of a network',
  },
  refused('cap-drop', 'list', 'a VM does not take capabilities away from its own root'),
  refused(
    'read-only',
    'bool',
    'the root disk of a VM is written by its kernel; mount what must not change with -v …:ro',
  ),
  refused('gpus', 'string', 'no device of the host is passed into the VM'),
  refused('device', 'list', 'a VM sees no devices of the host; a block device is given with -v /dev/X:/path'),
  refused('pid', 'string', 'a VM has processes of its own and cannot share those of the host'),
  refused('ipc', 'string', 'a VM cannot share memory with the host', /^(?!private$)/),
  refused('uts', 'string', 'a VM has a host name of its own'),
  refused('userns', 'string', 'a VM has users of its own'),
  refused('volumes-from', 'list', 'volumes are named with -v'),
  refused('link', 'list', 'VMs of one network reach each other by name'),
  refused('security-opt', 'list', 'a VM does not confine its own root', /^(?!.*(unconfined|disable)$)/),
];

function refused(long: string, kind: 'bool' | 'list' | 'string', reason: string, when?: RegExp): FlagSpec {
  const value = kind === 'bool' ? {} : { value: 'VALUE' };
  return {
    long,
    kind,
    ...value,
    hidden: true,
    help: `Refused: ${reason}`,
    refused: { reason, ...(when === undefined ? {} : { when }) },
  };
}
