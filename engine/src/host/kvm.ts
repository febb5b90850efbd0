// What the host offers as /dev/kvm, as far as can be seen without using it. That is no proof: see vmm/kvm-verdict.ts.
import { access, constants, readFile } from 'node:fs/promises';

/**
 * - `absent`: there is no /dev/kvm
 * - `forbidden`: it is there, but we may not open it for reading and writing
 * - `pretends`: it opens, but the CPU shows no virtualisation extension, so it is a paravirtual KVM which never
 *   boots an ordinary kernel (DESIGN section 5)
 * - `promising`: only a boot can tell
 */
export type KvmLook = 'absent' | 'forbidden' | 'pretends' | 'promising';

/** Looks at /dev/kvm and the CPU flags; opens nothing. */
export async function lookAtKvm(device = '/dev/kvm', cpuInfo = '/proc/cpuinfo'): Promise<KvmLook> {
  if (!(await allowed(device, constants.F_OK))) return 'absent';
  if (!(await allowed(device, constants.R_OK | constants.W_OK))) return 'forbidden';
  return hasVirtualisation(await readFile(cpuInfo, 'utf8')) ? 'promising' : 'pretends';
}

/** `vmx` (Intel) or `svm` (AMD) among the x86 flags; other architectures do not list theirs. */
function hasVirtualisation(cpuInfo: string): boolean {
  const flags = /^flags\s*:(.*)$/m.exec(cpuInfo)?.[1];
  return flags === undefined || /\b(vmx|svm)\b/.test(flags);
}

async function allowed(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
