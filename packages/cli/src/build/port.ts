// The contract of builders: what they are asked for, and what they return.
import type { Readable } from 'node:stream';

export const BUILDERS = ['buildah', 'docker', 'buildctl'] as const;
export type BuilderName = (typeof BUILDERS)[number];

export interface BuildRequest {
  /** Absolute path of a folder, or an address for the builder itself. */
  readonly context: string;
  /** Absolute path of the Dockerfile; where the context is an address, its path in what is there, or absent. */
  readonly file?: string;
  readonly tags: readonly string[];
  readonly buildArgs: readonly string[];
  readonly target?: string;
  readonly platform?: string;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly quiet: boolean;
}

/** A built image on its way, as an archive that `load` reads. */
export interface BuiltImage {
  readonly stream: Readable;
  readonly bytes?: number;
}

export interface BuilderTools {
  /** The caller's environment: it names the builder's daemon, storage and isolation. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** An empty folder, removed at the end. */
  readonly scratch: string;
  /** Runs a program to its end, its output on stderr. @throws IgniteError `cli/build-failed`, `cli/program-missing` */
  run(argv: readonly string[]): Promise<void>;
  readonly signal: AbortSignal;
}

export type Builder = (request: BuildRequest, tools: BuilderTools) => Promise<BuiltImage>;
