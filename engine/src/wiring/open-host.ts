// The parts of an engine that look at the host when it opens: which VMMs there are, and where control groups go.
import {
  type Cgroups,
  type Commands,
  createCgroups,
  hostArchitecture,
  machineWord,
  readMountInfo,
  readOwnGroups,
  unifiedPoint,
  vmsUnitFolder,
} from '../host/index.ts';
import { jsonFile, runFile, type State } from '../state/index.ts';
import {
  createCloudHypervisorDriver,
  createFirecrackerDriver,
  createQemuDriver,
  tscRate,
  type VmmDriver,
  verdictStore,
} from '../vmm/index.ts';
import type { EngineOptions } from './engine.ts';

/** The drivers, in order of preference. @param spawn absolute path of ignite-spawn */
export function openDrivers(
  state: State,
  commands: Commands,
  spawn: string,
  { configuration, architecture = hostArchitecture() }: Pick<EngineOptions, 'configuration' | 'architecture'>,
): readonly VmmDriver[] {
  const verdicts = verdictStore(jsonFile(runFile(state.runRoot, 'host', {})), state.bootId);
  const tscKhz = tscRate({ commands, spawn });
  const { firecracker = {}, cloudHypervisor = {} } = configuration;
  const input = { commands, verdicts, architecture: machineWord(architecture) };
  return [
    createFirecrackerDriver({ ...input, ...firecracker }),
    createCloudHypervisorDriver({ ...input, ...cloudHypervisor }),
    createQemuDriver({ ...input, tscKhz }),
  ];
}

/** Below the unit for VMs where systemd runs us, else at the top of each hierarchy. */
export async function openCgroups(instance: string): Promise<Cgroups> {
  const mountInfo = await readMountInfo();
  const unit = await vmsUnitFolder(await readOwnGroups(), unifiedPoint(mountInfo));
  return createCgroups({ parent: `ignite-${instance}`, mountInfo, unit });
}
