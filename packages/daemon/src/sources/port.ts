// What the parts of the sources say to each other: trees of files that are read, and what is in them.
import type { DeclaredVm, SourceProblem } from '@ignite/api';

/** A file of a tree, before it is read. */
export interface TreeFile {
  /** Relative to the source. */
  readonly path: string;
  /** Changes with the content: a blob's id, or time and size. */
  readonly key: string;
  readonly bytes: number;
}

/** A tree as it was found: its files and how to read them. */
export interface Listing {
  readonly revision: string;
  readonly files: readonly TreeFile[];
  /** What hides a part of the tree. */
  readonly problems: readonly SourceProblem[];
  /** Texts by path, of the files asked for. */
  read(files: readonly TreeFile[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  readonly notes: readonly string[];
}

/** What a tree declares. */
export interface Tree {
  readonly revision: string;
  readonly objects: readonly DeclaredVm[];
  readonly problems: readonly SourceProblem[];
  readonly notes: readonly string[];
}

/** Where manifests come from. */
export interface Origin {
  /** The manager of its VMs. */
  readonly manager: string;
  readonly kind: 'folder' | 'git';
  readonly branch?: () => string | undefined;
  /** Milliseconds between looks that nothing asked for. */
  readonly intervalMs: number;
  /**
   * Looks at the source. undefined: nothing changed since the listing of before.
   * @throws IgniteError `source/…`: it cannot be read now
   */
  list(signal: AbortSignal): Promise<Listing | undefined>;
  /** Calls `changed` when there may be something new, until the signal. */
  watch?(changed: () => void, signal: AbortSignal): void;
}
