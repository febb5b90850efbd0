export { createDisks, diskFileName } from './create-disks.ts';
export type { Disk, DiskFormat, DiskMeans, Disks } from './port.ts';
