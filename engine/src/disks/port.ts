// What other rooms see of the disks room.
import type { Snapshots } from './snapshots/index.ts';

export type DiskFormat = 'raw' | 'qcow2';

/** How a VM's disk was made from its base, cheapest first; device-mapper only where the host's Configuration asks for it. */
export type DiskMeans = 'reflink' | 'qcow2' | 'copy' | 'device-mapper';

export interface Disk {
  /** Absolute path; with device-mapper of the file of what differs from the base, see `snapshots`. */
  readonly path: string;
  readonly format: DiskFormat;
  readonly means: DiskMeans;
  /** Virtual size in bytes. */
  readonly bytes: number;
  /** Absolute path of the file that a qcow2 disk lies over, where it is known. */
  readonly backing?: string;
}

export interface Disks {
  /**
   * Makes a disk of at least `bytes` from a base (never smaller than the base).
   * The cheapest means among `formats` is used: reflink, else qcow2, else a sparse copy; device-mapper where it is asked for.
   * Written under a temporary name and renamed: a crash leaves no half disk under `path`.
   */
  create(
    input: {
      readonly base: string;
      readonly directory: string;
      readonly index: number;
      readonly bytes: number;
      readonly formats: readonly DiskFormat[];
    },
    signal: AbortSignal,
  ): Promise<Disk>;
  /** Enlarges the block device (the guest grows its file system at start). Smaller than now is an error. */
  grow(disk: Disk, bytes: number, signal: AbortSignal): Promise<Disk>;
  remove(disk: Disk): Promise<void>;
  /** Devices of disks by device-mapper, which are there while their VM runs. */
  readonly snapshots: Snapshots;
}
