// What the parts of the sources say to each other: trees of files that are read, and what is in them.
import type { DeclaredVm, SourceProblem, WriteBackMode } from '@ignite/api';

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

/** Files that are to become one commit. */
export interface FilesChange {
  /** What they were made from, and the commit's parent. */
  readonly revision: string;
  /** Texts by path, relative to the source. */
  readonly files: ReadonlyMap<string, string>;
  readonly message: string;
  /** Time of the commit, RFC 3339. */
  readonly at: string;
  /** Absent: this host. */
  readonly author?: { readonly name: string; readonly email: string };
}

/** Writes to where manifests come from. */
export interface Writer {
  readonly mode: WriteBackMode;
  /** Absent while the followed branch is not known. */
  branch(): string | undefined;
  /**
   * Pushes a commit. undefined: the revision says so already.
   * @param before our last commit on a branch of our own
   * @throws IgniteError `source/pushed-meanwhile`, `source/cannot-push`, `source/branch-taken`,
   *   `source/not-own-repository`
   */
  push(change: FilesChange, before: string | undefined, signal: AbortSignal): Promise<string | undefined>;
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
  /** Where changes by hand are written; absent: nowhere. */
  readonly writer?: Writer;
}
