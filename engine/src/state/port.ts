// What other rooms see of the state room: claims. Whatever is made on the host is claimed before it is made
// (FORMATS, Journal), and recovery finds it again from the live set.

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
  | 'volume';

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
