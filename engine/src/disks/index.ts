export { createDisks, diskFileName } from './create-disks.ts';
export type { Disk, DiskFormat, DiskMeans, Disks } from './port.ts';
export type { SnapshotFill, Snapshots } from './snapshots/index.ts';
export { type NewVolume, openVolumes, type Volumes } from './volumes/index.ts';
