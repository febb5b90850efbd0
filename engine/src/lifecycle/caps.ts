// What a VM may take from the host, from its spec. Pure.
import type { VmSpec } from '@ignite/api';
import type { GroupLimits } from '../host/index.ts';
import type { DiskLimits, VmmNeeds } from '../vmm/index.ts';

const MIB = 1 << 20;
/** What a VMM and its helpers need in addition to the guest's memory: their own, TCG's translations, page tables. */
const OVERHEAD_BYTES = 256 * MIB;
/** More of it with more memory: page tables, and the kernel's books of each page. */
const OVERHEAD_SHARE = 16;
/** Threads of a VMM: its workers, which it makes as it needs them, and some for each processor. */
const PIDS = 512;
const PIDS_FOR_CPU = 4;

/** Limits of the VM's control group: without them one VM's VMM could take the memory of all. */
export function groupLimits({ memory, cpus, resources = {} }: VmSpec): GroupLimits {
  return {
    memoryBytes: memory + OVERHEAD_BYTES + Math.floor(memory / OVERHEAD_SHARE),
    ...(resources.cpuLimit === undefined ? {} : { cpus: resources.cpuLimit }),
    pids: resources.pids ?? PIDS + cpus * PIDS_FOR_CPU,
  };
}

/** Limits of all drives together; undefined where there is none. */
export function diskLimits({ resources = {} }: VmSpec): DiskLimits | undefined {
  const { diskIops, diskBandwidth } = resources;
  if (!diskIops && !diskBandwidth) return undefined;
  return {
    ...(diskIops ? { iops: diskIops } : {}),
    ...(diskBandwidth ? { bytesPerSecond: diskBandwidth } : {}),
  };
}

/** The cap of one interface, each way, bytes a second; absent or 0: none. */
export function nicBandwidth({ network, resources }: VmSpec, index: number): number | undefined {
  const wish = index === 0 ? network : network.interfaces?.[index - 1];
  return wish?.bandwidth ?? resources?.networkBandwidth;
}

/** What the VMM must be able to do. A user network reaches it as a stream; every other network as a tap. */
export function vmmNeeds(spec: VmSpec): VmmNeeds {
  const { mode } = spec.network;
  const folders = spec.storage?.volumes?.some(({ hostFolder }) => hostFolder !== undefined);
  return {
    cpus: spec.cpus,
    nics: mode === 'none' ? [] : [mode === 'user' ? 'stream' : 'tap'],
    ...(spec.accel === undefined ? {} : { accelerator: spec.accel }),
    ...(diskLimits(spec) === undefined ? {} : { diskLimits: true }),
    ...(folders === true ? { folders: true } : {}),
  };
}
