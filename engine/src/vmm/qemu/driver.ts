// The QEMU driver: on every host, with KVM where it can be trusted and by emulation where not.
import { type Commands, findProgram } from '../../host/index.ts';
import { judgeKvm, type VerdictStore } from '../kvm-verdict.ts';
import type { VmmDriver, VmmProbe } from '../port.ts';
import { type SaidVersion, versionAsker } from '../program-version.ts';
import { qemuPlan } from './arguments.ts';
import { qemuControl } from './control.ts';
import { qemuRuntime } from './runtime.ts';

interface QemuDriverInput {
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
      if (typeof asked === 'string') return { usable: false, reason: asked };
      const { binary } = asked;
      const { version, problem } = judged(asked, name);
      if (problem !== undefined) return { usable: false, reason: problem };
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

/** The oldest whose `-object` takes JSON: commit 009ff89328b1 of March 2021, in no release before 6.0. */
const OLDEST_MAJOR = 6;

/** The version, or in a sentence why the program cannot be used. A program too slow to answer is used all the same. */
function judged({ binary, said, late = false }: SaidVersion, name: string) {
  const version = /^QEMU emulator version (\d+(?:\.\d+)*)/m.exec(said)?.[1];
  if (version === undefined && late) return { version: 'unknown' };
  if (version === undefined)
    return { version: '', problem: `${binary} did not say its version: is it QEMU, and whole?` };
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return { version };
  const needed = `${OLDEST_MAJOR}.0 or newer is needed: apt-get install ${packageOf(name)}`;
  return { version, problem: `${binary} is QEMU ${version}; ${needed}` };
}

/** Debian's and Ubuntu's package of the program. */
function packageOf(name: string): string {
  return name.endsWith('x86_64') ? 'qemu-system-x86' : 'qemu-system-arm';
}

function missing(name: string): VmmProbe {
  return { usable: false, reason: `${name} is not installed: apt-get install ${packageOf(name)}` };
}
