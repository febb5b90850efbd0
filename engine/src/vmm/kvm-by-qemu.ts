// Whether a driver that knows nothing but KVM may trust it: KVM is tried with QEMU, where that is installed.
import type { Report } from '@ignite/api';
import { type Commands, findProgram } from '../host/index.ts';
import { judgeKvm, type KvmVerdict, type VerdictStore } from './kvm-verdict.ts';

export interface KvmByQemuInput {
  readonly commands: Commands;
  readonly verdicts: VerdictStore;
  /** `x86_64` or `aarch64`. */
  readonly architecture: string;
  readonly find?: (name: string) => Promise<string | undefined>;
}

/** Without QEMU what a look says must do, as there is nothing else to fall back to. */
export async function judgeKvmByQemu(
  { commands, verdicts, architecture, find = findProgram }: KvmByQemuInput,
  vmlinux: string | undefined,
  report: Report,
  signal: AbortSignal,
): Promise<KvmVerdict> {
  const qemu = await find(`qemu-system-${architecture}`);
  const trial = vmlinux === undefined || qemu === undefined ? undefined : { binary: qemu, vmlinux };
  return judgeKvm({ commands, store: verdicts, trustUntried: qemu === undefined }, trial, report, signal);
}
