// What other rooms see of the state room: claims, journals, records, events. Whatever is made on the host is claimed
// before it is made (FORMATS, Journal), and recovery finds it again from the live set.
import type { EventBody, IgniteError, VmRecord, VolumeRecord } from '@ignite/api';
import type { Uploads } from './uploads.ts';

/** Kinds of host resources that a journal can claim. */
export type ResourceKind =
  | 'file'
  | 'tap'
  | 'netns'
  | 'link'
  | 'rules'
  | 'cgroup'
  | 'process'
  | 'mount'
  | 'cni'
  | 'container'
  | 'dm'
  | 'volume'
  /** A block device of the host, lent to a VMM's user. */
  | 'device';

export interface Resource {
  readonly kind: ResourceKind;
  /** Full host name (contains instance and slot) or a path relative to the state root. */
  readonly name: string;
}

/** A resource claimed and not yet gone. */
export interface Claim extends Resource {
  /** What cannot be derived from the name: pid and start time, inode, a CNI result. */
  readonly data?: Readonly<Record<string, string | number>>;
  /** `made` was written: the resource was seen to exist. */
  readonly made: boolean;
  /** First 8 hex digits of the boot id it was claimed in. */
  readonly boot: string;
}

/** The part of one object's journal through which steps claim what they make. */
export interface Claims {
  /** Before acting. Claiming again what is in the live set writes nothing. */
  claim(resource: Resource, data?: Claim['data']): Promise<void>;
  /** After the resource was verified to exist. */
  made(resource: Resource, data?: Claim['data']): Promise<void>;
  /** After the resource was verified to be absent. */
  gone(resource: Resource): Promise<void>;
  /** Claims without `gone`, in the order they were made. */
  live(): readonly Claim[];
}

/** One operation on an object, as written by `begin`. */
export interface Operation {
  /** The same id in events, logs and the HTTP answer. */
  readonly op: string;
  /** create, start, stop, rm, … */
  readonly verb: string;
  /** Generation of spec it serves. */
  readonly generation: number;
}

/** The journal of one object: its claims and the operation in progress. All calls are done one after the other. */
export interface Journal extends Claims {
  readonly uid: string;
  /** `state/journal-broken`: a bad line. `live()` returns what the lines before it say; every write is refused. */
  readonly problem: IgniteError | undefined;
  /** Neither done nor failed: after a start of the daemon, what was interrupted. */
  pending(): Operation | undefined;
  /** A new operation; one that is pending is replaced. */
  begin(operation: Operation): Promise<void>;
  /** Ends the operation well; the file shrinks to the live set. */
  done(): Promise<void>;
  /** Ends the operation; the live set stays for who cleans up or tries again. */
  failed(error: { readonly code: string; readonly stage?: string }): Promise<void>;
  /** Names the slot, in whose run folder the claims that die with the boot are kept. Needed before the first of them. */
  bindSlot(slot: number): Promise<void>;
}

/** An object whose record cannot be read; it hides no other and nothing of it is touched. */
export interface BrokenObject {
  /** Name of the folder: the UID, or its hash. */
  readonly folder: string;
  readonly path: string;
  /** `state/record-broken`, with the place in the file. */
  readonly problem: IgniteError;
  /** The slot that its text names, as far as that can be read; it stays taken. */
  readonly slot?: number;
}

/** VMs on disk: the only way to their records, journals and folders. */
export interface VmStore {
  list(): readonly VmRecord[];
  get(uid: string): VmRecord | undefined;
  broken(): readonly BrokenObject[];
  /** Folders without a record: creates that were interrupted and have to be undone (FORMATS, Journal, 4). */
  uncommitted(): readonly string[];
  /** Absolute path of a VM's folder, made when it is missing. */
  folder(uid: string): Promise<string>;
  /** Writes a record so that it is there whole, or not at all; lasting when this returns. */
  put(record: VmRecord): Promise<void>;
  /**
   * Repairs a broken VM from its backup; the unreadable file is kept next to it.
   * @param folder as in BrokenObject
   * @throws IgniteError `state/record-broken` where there is no backup that can be read
   */
  repair(folder: string): Promise<VmRecord>;
  /** Makes a broken journal whole from what stood before its bad line. Returns whether it was broken. */
  repairJournal(uid: string): Promise<boolean>;
  /** The one journal of a VM. */
  journal(uid: string): Promise<Journal>;
  /**
   * Renames the folder into the trash, which is the end of the VM, then deletes it and its run folder and frees its
   * slot. Whoever calls has seen every claim gone. No folder is no error.
   */
  remove(uid: string, op: string): Promise<void>;
}

/** Volumes on disk: the only way to their records, journals and folders. */
export interface VolumeStore {
  list(): readonly VolumeRecord[];
  broken(): readonly BrokenObject[];
  /** Folders without a record: volumes whose making was interrupted and has to be undone. */
  uncommitted(): readonly string[];
  /** Absolute path of the file that holds a volume's content. */
  diskPath(uid: string): string;
  makeFolder(uid: string): Promise<void>;
  /** Writes a record so that it is there whole, or not at all; lasting when this returns. */
  put(record: VolumeRecord): Promise<void>;
  /** The one journal of a volume. */
  journal(uid: string): Promise<Journal>;
  /** Renames the folder into the trash, which is the end of the volume, then deletes it. No folder is no error. */
  remove(uid: string, op: string): Promise<void>;
}

/** Something that happened, before it has its number. */
export type NewEvent = Pick<EventBody, 'kind' | 'action' | 'attributes'> &
  Partial<Pick<EventBody, 'vm' | 'name'>> & {
    /** RFC 3339; absent: now. An event that is emitted late has the time it happened at, and the next number. */
    readonly time?: string;
  };

/** The numbered log of what happened. */
export interface Events {
  /** Number of the newest event; 0 for none. */
  last(): number;
  /** Numbers an event and writes it soon after. Never throws: a full disk shows as a gap. */
  emit(event: NewEvent): void;
  /**
   * Events after the number `since`, then, with `follow`, those to come, until the signal. Who falls off the end
   * gets one event of kind `gap` with `attributes` from and to.
   */
  read(options: {
    readonly since: number;
    readonly follow: boolean;
    readonly signal: AbortSignal;
  }): AsyncIterable<EventBody>;
  /** Waits until all that was emitted is written. */
  flush(): Promise<void>;
}

/** A run folder that no record names: what a create left that was interrupted before its record was written. */
export interface OrphanSlot {
  readonly slot: number;
  readonly claims: Claims;
  /** Removes the run folder and frees the slot; the caller has seen every claim gone. */
  clear(): Promise<void>;
}

/**
 * Called before and after each record of a journal and each object's record is written. What it throws is what the write
 * throws; while it does not settle, the operation stands still. For tests of faults alone.
 * @param point `before claim tap ign0t3`, `after done`, `before record`
 */
export type FaultPoints = (point: string) => Promise<void>;

/** What removals could not delete yet; each start of a daemon tries again. */
export interface Trash {
  /** Absolute paths. */
  list(): Promise<readonly string[]>;
  delete(path: string): Promise<void>;
}

/** The other engines of this host. */
export interface HostEngines {
  /**
   * Runs `work` while no other engine chooses what engines must not share.
   * @throws IgniteError `host/deadline` when another one does not end
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Their state directories, some of which may be gone. */
  others(): Promise<readonly string[]>;
}

/** An opened state directory, owned by this process until it is disposed. */
export interface State extends AsyncDisposable {
  /** Absolute paths. */
  readonly root: string;
  readonly runRoot: string;
  /** 6 hex digits, part of every host name of ours (DESIGN D13). */
  readonly instance: string;
  readonly ordinal: number;
  readonly bootId: string;
  readonly vms: VmStore;
  readonly volumes: VolumeStore;
  readonly slots: Slots;
  readonly events: Events;
  readonly uploads: Uploads;
  readonly trash: Trash;
  /** Absent: an ordinary user's engine, which shares nothing of the host. */
  readonly engines?: HostEngines;
  /** Looked up at each call. None while the slot of a broken record is unknown: the folder may be its own. */
  orphanSlots(): Promise<readonly OrphanSlot[]>;
}

/** Slots: the small numbers from which tap, uid, CID, cgroup and run folder of a VM derive (DESIGN D13). */
export interface Slots {
  /** The lowest free slot; it stays taken until `free`. @throws IgniteError `state/no-slot` */
  take(): number;
  /** After rm was verified: no record and no claim names the slot any more. */
  free(slot: number): void;
  /** Notes a slot found in a record or a claim. */
  occupy(slot: number): void;
  has(slot: number): boolean;
}
