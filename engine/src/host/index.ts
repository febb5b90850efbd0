export { type Architecture, hostArchitecture, machineWord } from './architecture.ts';
export { isBlank, lendDevice, lookAtDevice, returnDevice } from './block-devices.ts';
export { allocatedBytes } from './allocated.ts';
export type { GroupLimits, LimitName } from './cgroup-limits.ts';
export { type Cgroups, createCgroups, readMountInfo, removeLostGroup, unifiedPoint } from './cgroups.ts';
export { readOwnGroups, vmsUnitFolder } from './vms-unit.ts';
export { type Clock, hostClock } from './clock.ts';
export { type Commands, hostCommands, type RunOptions, type RunResult } from './commands.ts';
export { HOST_PATH } from './host-path.ts';
export { type Runner, startRunner } from './runner/runner.ts';
export {
  type DockerAnswer,
  type DockerApi,
  dockerApi,
  dockerMessage,
  fieldOf,
} from './docker-api.ts';
export { createFromProgram, programImage, removeContainer } from './docker-image.ts';
export { freeSpace } from './free-space.ts';
export {
  emptyFolder,
  giveTo,
  hasErrno,
  makeFolder,
  namesIn,
  readBytesIfThere,
  readIfThere,
  replaceFile,
  sweepTorn,
  syncDirectory,
  takeBack,
  writeFileAtomic,
  writeFilesAtomic,
} from './files.ts';
export { identifyProcess, isAlive, type ProcessIdentity, readBootId } from './process-identity.ts';
export { programTag, tarOf } from './program-tar.ts';
export { type KvmLook, lookAtKvm } from './kvm.ts';
export { type HostMemory, hostMemory } from './memory.ts';
export { hasLandlock } from './landlock.ts';
export { findProgram } from './programs.ts';
export { folderProgram } from './virtiofsd.ts';
export { type IsolatedChild, type NetworkCut, probeNetworkCut, startIsolated } from './isolated-process.ts';
export { type Bounds, limitSelf } from './limit-self.ts';
export { networkUse, processUse } from './usage.ts';
export { type Peer, peerOf } from './peer.ts';
export { createQueue, type Queue } from './queue.ts';
