export {
  type Configuration,
  type ConfigurationSpec,
  configurationSchema,
  NETWORK_PLUGINS,
  type NewVmDefaults,
  newVmDefaults,
} from './configuration.ts';
export { type Metadata, type MetadataInput, metadata, metadataInput } from './fields.ts';
export { HEALTH_KINDS, type HealthCheck, healthCheck as healthCheckSchema } from './health-check.ts';
export { type Image, type ImageDocument, imageSchema } from './image.ts';
export { type Kernel, type KernelDocument, kernelSchema } from './kernel.ts';
export { type NetworkDocument, type NetworkObject, networkSchema } from './network.ts';
export { decodeVm, encodeVm, type Vm, type VmDocument, vmManifestSchema, vmSchema } from './vm.ts';
export { type BoundDrive, type BoundFolder, vmBound } from './vm-bound.ts';
export { type Tmpfs, type VmResources, type VmStorage } from './vm-storage.ts';
export {
  type Volume,
  type VolumeDocument,
  type VolumeRecord,
  VOLUME_RECORD_FORMAT,
  volumeRecordCodec,
  volumeSchema,
} from './volume.ts';
export {
  type NetworkPolicy,
  RUNTIMES,
  type VmSpec,
  type VmSpecInput,
  vmSpec,
  vmSpecInput,
} from './vm-spec.ts';
export { type VmStatus, vmStatus } from './vm-status.ts';
export {
  END_HOWS,
  type EndHow,
  type RecordCodec,
  type RecordedEnd,
  VM_RECORD_FORMAT,
  type VmHistory,
  type VmRecord,
  vmRecordCodec,
} from './vm-record.ts';
