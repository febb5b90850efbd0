// The Firecracker driver: KVM only, under Firecracker's own jailer, so for root only.
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isIgniteError, type Report } from '@ignite/api';
import { type Commands, findProgram } from '../../host/index.ts';
import { judgeKvm, type KvmVerdict, type VerdictStore } from '../kvm-verdict.ts';
import type { VmmDriver } from '../port.ts';
import { firecrackerControl } from './control.ts';
import { firecrackerPlan } from './plan.ts';
import { drivesSerial } from './serial.ts';
import { type FirecrackerVersion, isTooOld, OLDEST, parseVersion, versionText } from './versions.ts';

export interface FirecrackerDriverInput {
  readonly commands: Commands;
  readonly verdicts: VerdictStore;
  /** `x86_64` or `aarch64`. */
  readonly architecture: string;
  /** Absolute path of the program from the Configuration; absent: looked for where programs are. */
  readonly path?: string;
  readonly isRoot?: boolean;
  readonly find?: (name: string) => Promise<string | undefined>;
}

const NAME = 'firecracker';
const JAILER = 'jailer';
const VERSION_MS = 10_000;
const INSTALL = 'put `firecracker` and `jailer` of one of its releases into /usr/local/bin';

type Found = { readonly binary: string; readonly jailer: string; readonly version: FirecrackerVersion };

/** Makes the driver; nothing of the host is touched before `probe`. */
export function createFirecrackerDriver(input: FirecrackerDriverInput): VmmDriver {
  const known = new Map<string, string>(); // path and modification time → what it said of itself
  return {
    name: NAME,
    capabilities: {
      diskFormats: ['raw'],
      pause: true,
      poweroffByAcpi: false,
      powerButton: input.architecture === 'x86_64', // Ctrl-Alt-Del goes by the keyboard controller
      maxCpus: 32,
      nics: ['tap'],
      accelerators: ['kvm'],
      channels: 'vsock',
    },
    probe: async ({ vmlinux, report = () => {} }, signal) => {
      const found = await findBoth(input, known, signal);
      if (typeof found === 'string') return { usable: false, reason: found };
      const { binary, jailer, version } = found;
      const program = { binary, jailer, version: versionText(version), runtime: [] };
      const kvm = await askKvm(input, vmlinux, report, signal);
      if (kvm.trusted) return { usable: true, program, accelerator: 'kvm' };
      return { usable: false, program, reason: kvm.reason ?? 'KVM cannot be used' };
    },
    plan: firecrackerPlan,
    control: firecrackerControl,
    serialOf: drivesSerial,
  };
}

/** The programs, or in words what is missing. */
async function findBoth(
  input: FirecrackerDriverInput,
  known: Map<string, string>,
  signal: AbortSignal,
): Promise<Found | string> {
  const { find = findProgram, isRoot = process.getuid?.() === 0 } = input;
  const path = input.path ?? (await find(NAME));
  if (path === undefined) return `${NAME} is not installed: ${INSTALL}`;
  if (!isRoot) return `${NAME} runs under its jailer, which needs root: use the system's daemon`;
  const asked = async (program: string) => {
    try {
      const binary = await realpath(program);
      const said = await askVersion(input.commands, binary, known, signal);
      return typeof said === 'string' ? said : { binary, version: said };
    } catch (error) {
      if (!isIgniteError(error, 'host/program-missing') && !isNodeError(error)) throw error;
      return `${program} cannot be executed: is it there, executable, and for ${input.architecture}?`;
    }
  };
  const own = await asked(path);
  if (typeof own === 'string') return own;
  const beside = join(dirname(path), JAILER);
  const jailer = await asked(input.path === undefined ? ((await find(JAILER)) ?? beside) : beside);
  if (typeof jailer === 'string') return `${NAME} needs its jailer beside it: ${jailer}`;
  return judged(own.binary, own.version, jailer.binary, jailer.version);
}

function judged(binary: string, version: FirecrackerVersion, jailer: string, its: FirecrackerVersion) {
  const [one, other] = [versionText(version), versionText(its)];
  if (isTooOld(version)) return `${binary} is Firecracker ${one}; ${OLDEST} or newer is needed: ${INSTALL}`;
  if (one !== other)
    return `${binary} is Firecracker ${one}, but ${jailer} is of ${other}: both must be equal`;
  return { binary, jailer, version };
}

/** What the program says of itself; a sentence where it does not. */
async function askVersion(
  commands: Commands,
  binary: string,
  known: Map<string, string>,
  signal: AbortSignal,
): Promise<FirecrackerVersion | string> {
  const key = `${binary} ${(await stat(binary)).mtimeMs}`;
  let said = known.get(key);
  if (said === undefined) {
    try {
      said = (await commands.run([binary, '--version'], { signal, timeoutMs: VERSION_MS })).stdout;
    } catch (error) {
      if (!isIgniteError(error, 'host/command-failed')) throw error;
      said = '';
    }
    known.set(key, said);
  }
  return (
    parseVersion(said) ?? `${binary} did not say its version: is it Firecracker's, and for this machine?`
  );
}

/** KVM is tried with QEMU; where there is none, what a look says must do, as there is nothing else to fall back to. */
async function askKvm(
  { commands, verdicts, architecture, find = findProgram }: FirecrackerDriverInput,
  vmlinux: string | undefined,
  report: Report,
  signal: AbortSignal,
): Promise<KvmVerdict> {
  const qemu = await find(`qemu-system-${architecture}`);
  const trial = vmlinux === undefined || qemu === undefined ? undefined : { binary: qemu, vmlinux };
  return judgeKvm({ commands, store: verdicts, trustUntried: qemu === undefined }, trial, report, signal);
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
