// What others see of the janitor: what carries our mark on this host and belongs to nothing.

export type StrayKind =
  | 'process'
  | 'container'
  | 'mount'
  | 'tap'
  | 'link'
  | 'netns'
  | 'table'
  | 'rule'
  | 'cgroup'
  | 'device'
  | 'run-folder'
  | 'trash'
  | 'vm-folder';

/** Something with the mark of this engine that no VM, and no network, of it needs. */
export interface Stray {
  readonly kind: StrayKind;
  /** Its name on the host: a pid, a path, an interface. */
  readonly name: string;
  /** One sentence. */
  readonly why: string;
}

/** What became of one. */
export interface Swept extends Stray {
  /** `left`: it may be somebody's; `why` tells. `stray`: only looked at. */
  readonly result: 'removed' | 'failed' | 'left' | 'stray';
  /** Why it could not be removed. */
  readonly problem?: string;
}

export interface Janitor {
  /** Looks, and removes what it finds unless `dryRun`. One after the other; safe beside everything else. */
  sweep(options: { readonly dryRun: boolean; readonly signal: AbortSignal }): Promise<readonly Swept[]>;
}
