// The QEMU driver: on every host, with KVM where it can be trusted and by emulation where not.
import { type Commands, findProgram } from '../../host/index.ts';
import { judgeKvm, type VerdictStore } from '../kvm-verdict.ts';
import type { VmmDriver, VmmProbe } from '../port.ts';
import { versionAsker } from '../program-version.ts';
import { qemuPlan } from './arguments.ts';
import { qemuControl } from './control.ts';
import { qemuRuntime } from './runtime.ts';

export interface QemuDriverInput {
  readonly commands: Commands;
  readonly verdicts: VerdictStore;
  /** `x86_64` or `aarch64`. */
  readonly architecture: string;
  readonly find?: (name: string) => Promise<string | undefined>;
  /** Rate of the host's time stamp counter, kHz. */
  readonly tscKhz?: () => Promise<number | undefined>;
}

/** Makes the driver; nothing of the host is touched before `probe`. */
export function createQemuDriver(input: QemuDriverInput): VmmDriver {
  const name = `qemu-system-${input.architecture}`;
  const find = input.find ?? findProgram;
  const ask = versionAsker(input.commands);

  return {
    name: 'qemu',
    capabilities: {
      diskFormats: ['qcow2', 'raw'],
      pause: true,
      poweroffByAcpi: true,
      powerButton: true,
      maxCpus: 32,
      diskLimits: true,
      nics: ['tap', 'stream', 'built-in'],
      accelerators: ['kvm', 'tcg'],
      channels: 'ports',
      folders: true,
    },
    probe: async ({ vmlinux, report = () => {} }, signal) => {
      const found = await find(name);
      if (found === undefined) return missing(name);
      const asked = await ask(found, signal);
      if (asked === undefined) return { usable: false, reason: `${found} cannot be executed` };
      const { binary, said } = asked;
      const version = /version (\d+(?:\.\d+)*)/.exec(said)?.[1] ?? 'unknown';
      const trial = vmlinux === undefined ? undefined : { binary, vmlinux };
      const kvm = await judgeKvm({ commands: input.commands, store: input.verdicts }, trial, report, signal);
      const tscKhz = kvm.trusted ? undefined : await input.tscKhz?.();
      const program = { binary, version, runtime: await qemuRuntime(binary) };
      return {
        usable: true,
        program: tscKhz === undefined ? program : { ...program, tscKhz },
        accelerator: kvm.trusted ? 'kvm' : 'tcg',
        ...(kvm.reason === undefined ? {} : { reason: kvm.reason }),
      };
    },
    plan: qemuPlan,
    control: qemuControl,
  };
}

/** Debian's and Ubuntu's package of the program. */
function packageOf(name: string): string {
  return name.endsWith('x86_64') ? 'qemu-system-x86' : 'qemu-system-arm';
}

function missing(name: string): VmmProbe {
  return { usable: false, reason: `${name} is not installed: apt-get install ${packageOf(name)}` };
}
