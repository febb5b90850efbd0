export { desiredSpec } from './desired-spec.ts';
export { diffSpec, type FieldChange, same } from './diff-spec.ts';
export { type Resize, type Resized, resizeVm } from './resize-vm.ts';
export { updateVm, type VmUpdate } from './update-vm.ts';
