// The Firecracker driver: KVM only, under Firecracker's own jailer, so for root only.
import { dirname, join } from 'node:path';
import { type Commands, findProgram } from '../../host/index.ts';
import { probeWithKvm } from '../kvm-by-qemu.ts';
import type { VerdictStore } from '../kvm-verdict.ts';
import type { VmmDriver, VmmProgram } from '../port.ts';
import { type AskVersion, versionAsker } from '../program-version.ts';
import { firecrackerControl } from './control.ts';
import { firecrackerPlan } from './plan.ts';
import { drivesSerial } from './serial.ts';
import { type FirecrackerVersion, isTooOld, OLDEST, parseVersion, versionText } from './versions.ts';

interface FirecrackerDriverInput {
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
const INSTALL =
  'type `ignite system install-vmm firecracker`, or put `firecracker` and `jailer` of a release into /usr/local/bin';

/** Makes the driver; nothing of the host is touched before `probe`. */
export function createFirecrackerDriver(input: FirecrackerDriverInput): VmmDriver {
  const ask = versionAsker(input.commands);
  return {
    name: NAME,
    capabilities: {
      diskFormats: ['raw'],
      pause: true,
      poweroffByAcpi: false,
      powerButton: input.architecture === 'x86_64', // Ctrl-Alt-Del needs the keyboard controller
      maxCpus: 32,
      diskLimits: true,
      nicLimits: true,
      oneNamespace: true,
      nics: ['tap'],
      accelerators: ['kvm'],
      channels: 'vsock',
    },
    probe: probeWithKvm(input, (signal) => findBoth(input, ask, signal)),
    plan: firecrackerPlan,
    control: firecrackerControl,
    serialOf: drivesSerial,
  };
}

/** The programs, or in words what is missing. */
async function findBoth(
  input: FirecrackerDriverInput,
  ask: AskVersion,
  signal: AbortSignal,
): Promise<VmmProgram | string> {
  const { find = findProgram, isRoot = process.getuid?.() === 0 } = input;
  const path = input.path ?? (await find(NAME));
  if (path === undefined) return `${NAME} is not installed: ${INSTALL}`;
  if (!isRoot) return `${NAME} runs under its jailer, which needs root: use the system's daemon`;
  const asked = async (program: string) => {
    const found = await ask(program, signal);
    if (typeof found === 'string') return found;
    const version = parseVersion(found.said);
    if (version !== undefined) return { binary: found.binary, version };
    return `${found.binary} did not say its version: is it Firecracker's, and for this machine?`;
  };
  const own = await asked(path);
  if (typeof own === 'string') return own;
  const beside = join(dirname(path), JAILER);
  const jailer = await asked(input.path === undefined ? ((await find(JAILER)) ?? beside) : beside);
  if (typeof jailer === 'string') return `${NAME} needs its jailer: ${jailer}`;
  return judged(own.binary, own.version, jailer.binary, jailer.version);
}

function judged(
  binary: string,
  version: FirecrackerVersion,
  jailer: string,
  its: FirecrackerVersion,
): VmmProgram | string {
  const [one, other] = [versionText(version), versionText(its)];
  if (isTooOld(version)) return `${binary} is Firecracker ${one}; ${OLDEST} or newer is needed: ${INSTALL}`;
  if (one !== other)
    return `${binary} is Firecracker ${one}, but ${jailer} is of ${other}: both must be equal`;
  return { binary, jailer, version: one, runtime: [] };
}
