// What a host offers to a driver that knows nothing but KVM: its programs, and KVM, tried with QEMU where that is installed.
import type { Report } from '@ignite/api';
import { type Commands, findProgram } from '../host/index.ts';
import type { VmmDriver, VmmProgram } from './port.ts';
import { judgeKvm, type KvmVerdict, type VerdictStore } from './kvm-verdict.ts';

export interface KvmByQemuInput {
  readonly commands: Commands;
  readonly verdicts: VerdictStore;
  /** `x86_64` or `aarch64`. */
  readonly architecture: string;
  readonly find?: (name: string) => Promise<string | undefined>;
}

/** The probe of such a driver. @param find the program, or in a sentence why it cannot be used */
export function probeWithKvm(
  input: KvmByQemuInput,
  find: (signal: AbortSignal) => Promise<VmmProgram | string>,
): VmmDriver['probe'] {
  return async ({ vmlinux, report = () => {} }, signal) => {
    const program = await find(signal);
    if (typeof program === 'string') return { usable: false, reason: program };
    const kvm = await judgeKvmByQemu(input, vmlinux, report, signal);
    if (!kvm.trusted) return { usable: false, program, reason: kvm.reason ?? 'KVM cannot be used' };
    return { usable: true, program, accelerator: 'kvm' };
  };
}

/** Without QEMU what a look says must do, as there is nothing else to fall back to. */
async function judgeKvmByQemu(
  { commands, verdicts, architecture, find = findProgram }: KvmByQemuInput,
  vmlinux: string | undefined,
  report: Report,
  signal: AbortSignal,
): Promise<KvmVerdict> {
  const qemu = await find(`qemu-system-${architecture}`);
  const trial = vmlinux === undefined || qemu === undefined ? undefined : { binary: qemu, vmlinux };
  return judgeKvm({ commands, store: verdicts, trustUntried: qemu === undefined }, trial, report, signal);
}
