export { endDaemon } from './end-daemon.ts';
export { makeGroup, removeGroup } from './group.ts';
export { type InstalledVmm, installVmm } from './install-vmm.ts';
export { ownTree } from './own-tree.ts';
export { knownReleases, releaseDigest, releaseUrl, USUAL_RELEASE } from './vmm-releases.ts';
export { removePrograms, removeState } from './remove-files.ts';
export {
  hasSystemd,
  hasUnits,
  installUnits,
  removeUnits,
  startUnits,
  type UnitPlace,
  type UnitState,
  unitStates,
} from './units.ts';
