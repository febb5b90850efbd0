// What became of a VM's last run, read from what the supervisor wrote down and from the console.
import type { EndHow, RecordedEnd } from '@ignite/api';
import type { ExitRecord } from '../supervisor/port.ts';

/** How a run ended, from exit.json. @param console the last text of the console in this run */
export function endOf(exit: ExitRecord, console: string): EndHow {
  if (exit.main !== undefined) return 'command';
  if (exit.killed) return 'killed';
  if (exit.intent === 'reboot') return 'reboot';
  if (exit.intent !== undefined) return 'poweroff';
  // A kernel that panics resets the machine, which is no failure of its VMM.
  if (exit.vmm.signal !== undefined || (exit.vmm.code ?? 0) !== 0) return 'vmm-crashed';
  if (/Kernel panic - not syncing/.test(console)) return 'panic';
  // Also a processor that gave up (a triple fault) resets it, without a word.
  return exit.reset === true || /reboot: Restarting system/.test(console) ? 'reboot' : 'poweroff';
}

/** How a run ended that left no exit.json. @param startBoot boot id of its start */
export function endWithoutRecord(startBoot: string, currentBoot: string): EndHow {
  return startBoot === currentBoot ? 'supervisor-lost' : 'host-rebooted';
}

/** Who asks for the end of all VMs: a person, or the host that goes down. */
export type Asker = 'user' | 'host';

/**
 * Who ended a run.
 * @param wanted that it should run: false after somebody asked for its end here
 * @param asker who asked for the end of all VMs, which changes no VM's intent
 */
export function endedBy(how: EndHow, wanted: boolean, asker?: Asker): NonNullable<RecordedEnd['by']> {
  if (asker !== undefined) return asker;
  if (!wanted || how === 'killed') return 'user';
  return how === 'vmm-crashed' || how === 'supervisor-lost' || how === 'host-rebooted' ? 'host' : 'guest';
}

const WORDS: Readonly<Record<EndHow, string>> = {
  command: 'ended',
  poweroff: 'powered off',
  reboot: 'guest rebooted',
  panic: 'kernel panic',
  killed: 'killed',
  'vmm-crashed': 'VMM crashed',
  'supervisor-lost': 'supervisor lost',
  'host-rebooted': 'host rebooted',
};

/** Whether this end was asked for by the shutdown of the host and the VM followed, in contrast to a crash of the host. */
export function endedWithHost({ how, by }: Pick<RecordedEnd, 'how' | 'by'>): boolean {
  return by === 'host' && ASKED_FOR.has(how);
}

/** Ends that follow from being asked to end. */
const ASKED_FOR: ReadonlySet<EndHow> = new Set(['command', 'poweroff', 'reboot', 'killed']);

/** The words for people, as `ps` shows them in brackets. */
export function describeEnd(end: {
  readonly how: EndHow;
  readonly code?: number;
  readonly signal?: number;
  readonly oom?: boolean;
}): string {
  if (end.how !== 'command') return WORDS[end.how];
  if (end.oom === true) return 'out of memory';
  return end.signal === undefined ? `exit ${end.code ?? 0}` : `signal ${end.signal}`;
}

/** Whether such an end is a failure of the machine, not an end the guest or a person chose. */
export function isFailure(how: EndHow): boolean {
  return how === 'panic' || how === 'vmm-crashed' || how === 'supervisor-lost';
}

/** The exit status a shell would see: the command's, 128 + n for a signal; undefined where no command ended. */
export function exitStatus(end: { readonly code?: number; readonly signal?: number }): number | undefined {
  if (end.signal !== undefined) return 128 + end.signal;
  return end.code;
}
