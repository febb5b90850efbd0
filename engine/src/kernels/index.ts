export { createKernels, type KernelsOptions } from './create-kernels.ts';
export type { KernelRecord, Kernels } from './port.ts';
