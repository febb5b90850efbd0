export { buildBootArchive } from './boot-archive.ts';
export { makeModuleIndexes } from './depmod.ts';
export { type ModuleTree, readModuleTree } from './module-tree.ts';
export { writeModulesDrive } from './modules-drive.ts';
