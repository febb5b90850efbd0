// Disks that are snapshots of device-mapper over their base, as Weave Ignite's were: a store file keeps what differs, and
// the device that joins the two is there while the VM runs.

export interface Snapshots {
  /**
   * Makes the device; what is left of an earlier one of that name is removed first. Its file belongs to root.
   * @throws IgniteError `disks/no-device-mapper`, `disks/snapshot-failed`
   */
  map(snapshot: Snapshot, signal: AbortSignal): Promise<void>;
  /** Where the device of a name is; may be a link. */
  path(name: string): string;
  /** Removes the device and what an interrupted `map` left; nothing where there is none. */
  unmap(snapshot: Omit<Snapshot, 'bytes'>, signal: AbortSignal): Promise<void>;
  /** Removes a device whose files are gone, too; the loop devices below go with it. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** How full the stores are of all devices whose names begin so. Empty where there is no device-mapper. */
  fills(prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, SnapshotFill>>;
}

export interface Snapshot {
  /** Of the device, with our mark. */
  readonly name: string;
  /** The raw file that is never written to. */
  readonly base: string;
  /** The file of what differs. */
  readonly store: string;
  /** Size of the device; at least the base's. */
  readonly bytes: number;
}

export interface SnapshotFill {
  readonly used: number;
  readonly total: number;
  /** The kernel has given it up: its store could not be written, and every access fails until the VM is made anew. */
  readonly broken: boolean;
}
