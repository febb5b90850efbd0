export { createDisks, diskFileName } from './create-disks.ts';
export type { Disk, DiskFormat, DiskMeans, Disks } from './port.ts';
export { type NewVolume, openVolumes, type Volumes } from './volumes/index.ts';
