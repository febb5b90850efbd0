export { accelerateAsAsked } from './as-asked.ts';
export { chooseVmm, requireCapable, type VmmChoice, type VmmNeeds } from './choose.ts';
export { type EmulationNotice, emulationNotice } from './emulation-notice.ts';
export { METADATA_BYTES } from './port.ts';
export type {
  Accelerator,
  BuiltInNetwork,
  DiskLimits,
  LaunchDrive,
  LaunchFolder,
  LaunchNic,
  LaunchPlan,
  LaunchRequest,
  ProbeInput,
  RuntimePath,
  VmmCapabilities,
  VmmControl,
  VmmDriver,
  VmmName,
  VmmProbe,
  VmmProgram,
  VmmState,
} from './port.ts';
export { createCloudHypervisorDriver } from './cloud-hypervisor/driver.ts';
export { createFirecrackerDriver } from './firecracker/driver.ts';
export { createQemuDriver } from './qemu/driver.ts';
export { tscRate } from './qemu/tsc.ts';
export { verdictStore } from './verdict-store.ts';
