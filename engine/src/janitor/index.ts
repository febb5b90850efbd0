export { strayCgroups } from './cgroups.ts';
export { strayContainers } from './containers.ts';
export { createJanitor } from './create-janitor.ts';
export { deadSlots, strayFiles } from './files.ts';
export { keepSwept } from './keep-swept.ts';
export { strayMounts } from './mounts.ts';
export type { Janitor, Stray, Swept } from './port.ts';
export { straySnapshots } from './snapshots.ts';
export { strayProcesses } from './processes.ts';
