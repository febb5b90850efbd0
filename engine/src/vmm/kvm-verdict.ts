// Whether KVM can be trusted (D8): /dev/kvm being there proves nothing, so a kernel is booted once per host boot
// against the clock, and the verdict is remembered; that of a clock that ran out only for a while.
import { uptime } from 'node:os';
import type { Report } from '@ignite/api';
import { isIgniteError } from '@ignite/api';
import { type Commands, hostArchitecture, type KvmLook, lookAtKvm } from '../host/index.ts';
import type { Caller, SharedWork } from '../work/index.ts';
import { traitsOf } from './qemu/machine.ts';

export interface KvmVerdict {
  readonly trusted: boolean;
  /** Why not, and what to do; for people. */
  readonly reason?: string;
  /** The trial was ended by its deadline, as it is by a KVM that pretends, and by a host too busy to give it a processor. */
  readonly late?: LateTrials;
}

interface LateTrials {
  /** How many of this host boot were, one after the other. */
  readonly count: number;
  /** Age of the host's boot at the last one, seconds. */
  readonly at: number;
}

/** Where the verdict of this host boot is kept; `/run` forgets it by itself. */
export interface VerdictStore {
  load(): Promise<KvmVerdict | undefined>;
  save(verdict: KvmVerdict): Promise<void>;
  /** Trials at one moment are one: many would slow each other until none is believed. Absent: each tries by itself. */
  readonly trials?: SharedWork<KvmVerdict>;
}

export interface KvmJudgeInput {
  readonly commands: Commands;
  readonly store: VerdictStore;
  readonly look?: () => Promise<KvmLook>;
  /** There is no program to try KVM with: what a look says must do. */
  readonly trustUntried?: boolean;
  /** Age of the host's boot, seconds; absent: what the system says (it goes on while the host sleeps, and nobody sets it). */
  readonly uptime?: () => number;
}

interface KvmTrial {
  /** Absolute path of qemu-system-x86_64. */
  readonly binary: string;
  /** An uncompressed kernel; it will stop for want of a root disk, which is proof enough. */
  readonly vmlinux: string;
}

/** A kernel under real KVM stops for want of a root after 0.3 s; under a pretending one after 24 s or never. */
const TRIAL_DEADLINE_MS = 10_000;

/** A KVM that pretends costs each trial its whole deadline: few of them, and not one after the other. */
const LATE_TRIALS = 4;
const BETWEEN_LATE_TRIALS_S = 120;

const UNTRIED: Readonly<Record<Exclude<KvmLook, 'promising'>, string>> = {
  absent: 'this host has no /dev/kvm: enable virtualisation in the firmware, or load kvm_intel or kvm_amd',
  forbidden: '/dev/kvm may not be opened: add the user to the group `kvm`',
  pretends: '/dev/kvm is there, but the CPU has no virtualisation extension, so it cannot boot a kernel',
};

/**
 * Looks, and where a look is not enough and a kernel is at hand, tries.
 * @param trial absent: nothing is booted, and an untried KVM is not trusted
 */
export async function judgeKvm(
  input: KvmJudgeInput,
  trial: KvmTrial | undefined,
  report: Report,
  signal: AbortSignal,
): Promise<KvmVerdict> {
  const look = await (input.look ?? lookAtKvm)();
  if (look !== 'promising') return { trusted: false, reason: UNTRIED[look] };
  const known = await input.store.load();
  if (known !== undefined && (trial === undefined || holds(known, input))) return known;
  if (trial === undefined && input.trustUntried === true) return { trusted: true };
  if (trial === undefined) return { trusted: false, reason: 'KVM has not been tried since the host booted' };

  const caller = { report, signal };
  const attempt = (shared: Caller) => tryOnce(input, trial, shared);
  return await (input.store.trials?.run('kvm', caller, attempt) ?? attempt(caller));
}

/** Whether a remembered verdict spares the next trial. */
function holds({ late }: KvmVerdict, { uptime: age = uptime }: KvmJudgeInput): boolean {
  return late === undefined || late.count >= LATE_TRIALS || age() < late.at + BETWEEN_LATE_TRIALS_S;
}

/** The verdict of one that has just tried, else a trial. */
async function tryOnce(
  input: KvmJudgeInput,
  trial: KvmTrial,
  { report, signal }: Caller,
): Promise<KvmVerdict> {
  const { commands, store, uptime: age = uptime } = input;
  const known = await store.load();
  if (known !== undefined && holds(known, input)) return known;
  report({ kind: 'note', text: `Trying KVM ${known === undefined ? 'once' : 'again'} with a small guest` });
  try {
    const verdict = await tryKvm(commands, trial, signal);
    await store.save(verdict);
    return verdict;
  } catch (error) {
    if (isIgniteError(error, 'host/deadline')) {
      const verdict = lateVerdict({ count: (known?.late?.count ?? 0) + 1, at: age() });
      await store.save(verdict);
      return verdict;
    }
    // QEMU ended by itself, at once: no memory, or another hypervisor has the CPU. Both pass, so the next start tries again.
    if (isIgniteError(error, 'host/command-failed')) return { trusted: false, reason: error.message };
    throw error;
  }
}

function lateVerdict(late: LateTrials): KvmVerdict {
  const reason = `a kernel started under KVM did not come up in ${TRIAL_DEADLINE_MS / 1000} s`;
  return { trusted: false, reason, late };
}

async function tryKvm(commands: Commands, trial: KvmTrial, signal: AbortSignal): Promise<KvmVerdict> {
  const { stdout } = await commands.run(trialArguments(trial), { signal, timeoutMs: TRIAL_DEADLINE_MS });
  if (stdout.includes('VFS: Unable to mount root fs')) return { trusted: true };
  return { trusted: false, reason: 'a kernel started under KVM did not come up' };
}

function trialArguments({ binary, vmlinux }: KvmTrial): [string, ...string[]] {
  const { words, cpu, console, resetWords } = traitsOf(hostArchitecture() === 'arm64' ? 'virt' : 'q35');
  return [
    binary,
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-m', '128M', '-smp', '1'],
    ...[...words, '-accel', 'kvm', '-cpu', cpu.kvm, '-serial', 'stdio'],
    ...['-kernel', vmlinux, '-append', [`console=${console}`, 'panic=-1', ...resetWords].join(' ')],
  ];
}
