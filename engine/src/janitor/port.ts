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
  /** `left`: it may belong to something, `why` says why. `stray`: found and not touched. */
  readonly result: 'removed' | 'failed' | 'left' | 'stray';
  /** Why it could not be removed. */
  readonly problem?: string;
}

export interface Janitor {
  /** Looks, and removes what it finds unless `dryRun`. Sweeps do not overlap, and are safe during all other work. */
  sweep(options: { readonly dryRun: boolean; readonly signal: AbortSignal }): Promise<readonly Swept[]>;
}
