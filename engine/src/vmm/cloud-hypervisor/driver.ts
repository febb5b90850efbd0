// The Cloud Hypervisor driver: KVM only, in a jail of ours with its own seccomp and, where the host has it, Landlock.
import { findProgram, hasLandlock } from '../../host/index.ts';
import { type KvmByQemuInput, probeWithKvm } from '../kvm-by-qemu.ts';
import type { VmmDriver, VmmProgram } from '../port.ts';
import { type AskVersion, versionAsker } from '../program-version.ts';
import { cloudHypervisorControl } from './control.ts';
import { cloudHypervisorPlan } from './plan.ts';
import { cloudHypervisorRuntime } from './runtime.ts';
import { OLDEST, parseVersion, versionText } from './versions.ts';

interface CloudHypervisorDriverInput extends KvmByQemuInput {
  /** Absolute path of the program from the Configuration; absent: looked for where programs are. */
  readonly path?: string;
  readonly isRoot?: boolean;
  /** Whether a VMM may shut itself in by Landlock. */
  readonly landlock?: () => Promise<boolean>;
}

const NAME = 'cloud-hypervisor';
const INSTALL = 'put `cloud-hypervisor` of one of its releases into /usr/local/bin';

/** Makes the driver; nothing of the host is touched before `probe`. */
export function createCloudHypervisorDriver(input: CloudHypervisorDriverInput): VmmDriver {
  const ask = versionAsker(input.commands);
  return {
    name: NAME,
    capabilities: {
      diskFormats: ['raw'],
      pause: true,
      poweroffByAcpi: true,
      resetGoesOn: true,
      powerButton: true,
      maxCpus: 254,
      diskLimits: true,
      nics: ['tap'],
      accelerators: ['kvm'],
      channels: 'vsock',
    },
    probe: probeWithKvm(input, (signal) => findCloudHypervisor(input, ask, signal)),
    plan: cloudHypervisorPlan,
    control: cloudHypervisorControl,
  };
}

/** The program, or in words what is missing. */
async function findCloudHypervisor(
  input: CloudHypervisorDriverInput,
  ask: AskVersion,
  signal: AbortSignal,
): Promise<VmmProgram | string> {
  const { find = findProgram, isRoot = process.getuid?.() === 0, landlock = hasLandlock } = input;
  const path = input.path ?? (await find(NAME));
  if (path === undefined) return `${NAME} is not installed: ${INSTALL}`;
  if (!isRoot) return `${NAME} runs in a jail, which needs root: use the system's daemon`;
  const asked = await ask(path, signal);
  if (typeof asked === 'string') return asked;
  const { binary, said } = asked;
  const version = parseVersion(said);
  if (version === undefined)
    return `${binary} did not say its version: is it Cloud Hypervisor, and for this machine?`;
  if (version.major < OLDEST)
    return `${binary} is Cloud Hypervisor ${versionText(version)}; ${OLDEST} or newer is needed: ${INSTALL}`;
  const runtime = await cloudHypervisorRuntime(binary);
  return { binary, version: versionText(version), runtime, landlock: await landlock() };
}
