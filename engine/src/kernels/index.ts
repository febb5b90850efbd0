export { createKernels, type KernelsOptions } from './create-kernels.ts';
export { makeModuleIndexes, type ModuleTree, readModuleTree } from './modules/index.ts';
export type { KernelRecord, Kernels } from './port.ts';
export { type AptContext, withApt } from './sources/apt.ts';
export { downloadKernel, type KernelDownload } from './sources/apt-kernel.ts';
export { readDeb, unpackKernelDeb } from './sources/deb.ts';
export { findKernelFile, findModulesFolder } from './sources/kernel-tree.ts';
export { readKernel } from './vmlinux.ts';
export { defaultKernelPackage } from './sources/apt-record.ts';
