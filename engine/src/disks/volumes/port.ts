// What other rooms see of volumes: named ext4 files that outlive VMs.
import type { VolumeRecord } from '@ignite/api';

export interface NewVolume {
  /** Absent: a random name. */
  readonly name?: string | undefined;
  /** Absent: the default; whole MiB. */
  readonly bytes?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface Volumes {
  list(): readonly VolumeRecord[];
  /** By UID, name, or unique beginning of a UID; names are exact. @throws IgniteError `volumes/not-found`, `api/ambiguous` */
  get(word: string): VolumeRecord;
  /**
   * Makes and formats a volume. One of that name is given back as it is, unless it is smaller than what was asked for.
   * @throws IgniteError `volumes/invalid-name`, `volumes/invalid-size`, `volumes/name-taken`, `host/disk-full`
   */
  create(request: NewVolume, signal: AbortSignal): Promise<VolumeRecord>;
  /** Enlarges record and file; the file system is grown by the guest. @throws IgniteError `volumes/shrink`, `volumes/invalid-size` */
  grow(uid: string, bytes: number): Promise<VolumeRecord>;
  /**
   * For ever.
   * @param isUsed asked at the moment of the removal: a VM that was being made may have it by then
   * @throws IgniteError `volumes/in-use` while somebody uses or holds it
   */
  remove(uid: string, isUsed: (uid: string) => boolean): Promise<void>;
  /** Keeps the volume of a name from being removed until disposed, while a VM that names it is being made. */
  hold(name: string): Disposable;
  /** Absolute path of the raw file. */
  path(uid: string): string;
  /** Bytes that a volume takes on the host; 0 where its file cannot be looked at. */
  allocated(uid: string): Promise<number>;
}
