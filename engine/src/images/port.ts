// What other rooms see of the images room.
import type { HealthCheck, Report } from '@ignite/api';

/** The part of an OCI image configuration that says how a container, or our app mode, runs (image-spec, config.md). */
export interface ImageRunConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  /** `user[:group]`, names or numbers, as in the image; empty is root. */
  readonly user: string;
  /** Empty is `/`. */
  readonly workdir: string;
  readonly stopSignal?: string;
  readonly healthCheck?: HealthCheck;
  /** `80/tcp` */
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** An init found in the image that can run the VM as a machine (CLI rule 3). */
export interface ImageInit {
  /** Path in the image: `/sbin/init`, `/lib/systemd/systemd`. */
  readonly path: string;
  readonly kind: 'systemd' | 'openrc' | 'sysv';
}

/** An immutable ext4 file converted from one manifest digest. */
export interface BaseDisk {
  /** Absolute path, mode 0444. */
  readonly path: string;
  /** Size of the file system, which is the smallest a disk made from it can be. */
  readonly bytes: number;
}

export interface ImageRecord {
  /** Familiar form, `nginx:1.27`. */
  readonly reference: string;
  /** 16 hex digits, as the original's UIDs. */
  readonly uid: string;
  readonly manifestDigest: string;
  readonly configDigest: string;
  readonly created: string;
  /** Bytes of the unpacked files. */
  readonly size: number;
  /** `amd64`, `arm64`. */
  readonly architecture: string;
  readonly config: ImageRunConfig;
  /** A real init (systemd, OpenRC, SysV), or absent. busybox counts only together with /sbin/openrc. */
  readonly init?: ImageInit;
  /** The image has /usr/sbin/sshd. */
  readonly hasSshd: boolean;
  readonly base: BaseDisk;
}

export type PullPolicy = 'missing' | 'always' | 'never';

/** Credentials for one registry host, found by the CLI with the caller's rights (CLI rule 21). */
export interface RegistryCredentials {
  readonly registry: string;
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

export interface ImageRequest {
  readonly pull: PullPolicy;
  readonly credentials?: readonly RegistryCredentials[];
  /** Registries (host:port) that may be spoken to over plain HTTP or with an unknown certificate. */
  readonly insecureRegistries?: readonly string[];
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Options of `login`. */
export interface LoginRequest {
  readonly insecureRegistries?: readonly string[];
  readonly signal: AbortSignal;
}

/** What `push` sent, and where. */
export interface PushedImage {
  /** Familiar form. */
  readonly reference: string;
  readonly digest: string;
  /** Bytes of the manifest. */
  readonly size: number;
}

/** How an image made from a root file system is to run. */
export type RunSettings = Partial<ImageRunConfig>;

/** Where `load` takes images from. */
export type LoadSource =
  | { readonly kind: 'archive'; readonly stream: AsyncIterable<Uint8Array> }
  | { readonly kind: 'layout'; readonly path: string }
  /** A tar of a root file system, perhaps compressed, becomes an image of one layer; it needs a reference. */
  | { readonly kind: 'rootfs'; readonly stream: AsyncIterable<Uint8Array>; readonly config: RunSettings };

/** How to load. */
export interface LoadOptions {
  readonly reference?: string;
  /** Size of the archive, where the sender knows it: free space is then checked before anything is read. */
  readonly bytes?: number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** What `prune` removed. */
export interface Pruned {
  readonly images: readonly { readonly uid: string; readonly reference?: string }[];
  /** Bytes on disk that are free again. */
  readonly freed: number;
}

export interface Images {
  /** The image, converted, pulled first where the policy says so. Parallel calls for one digest share the work. */
  ensure(reference: string, request: ImageRequest): Promise<ImageRecord>;
  /** From a `docker save` or OCI archive, an OCI layout folder (all images in it), or a root file system. */
  load(source: LoadSource, options: LoadOptions): Promise<readonly ImageRecord[]>;
  /** Exact reference (default tag filled in), uid or unique uid prefix. */
  find(reference: string): Promise<ImageRecord | undefined>;
  list(): Promise<readonly ImageRecord[]>;
  tag(source: string, target: string): Promise<ImageRecord>;
  /**
   * Keeps an image from being removed until disposed: a VM of it is being made.
   * @throws IgniteError `images/not-found` where it has been removed meanwhile
   */
  hold(manifestDigest: string): Promise<Disposable>;
  /**
   * Removes the reference, and the base disk and blobs that nothing else uses.
   * @param inUse asked at the moment of the removal; what it says is in use is held
   * @throws IgniteError `images/not-found`, `images/held`
   */
  remove(reference: string, inUse: (manifestDigest: string) => boolean): Promise<void>;
  /** Removes images that lost their name to a newer one, with `all` the named ones too, except those in use or held. */
  prune(options: {
    readonly all: boolean;
    readonly inUse: (manifestDigest: string) => boolean;
  }): Promise<Pruned>;
  /**
   * An OCI archive of images that `docker load` reads too, as it is read. Rejects before the first byte if one is missing; from then
   * on their files are held until it has been read, or its reading given up.
   */
  save(references: readonly string[]): Promise<AsyncIterable<Uint8Array>>;
  /** Uploads an image under `target`, or under its own reference. */
  push(
    reference: string,
    target: string | undefined,
    request: Omit<ImageRequest, 'pull'>,
  ): Promise<PushedImage>;
  /** Checks credentials at their registry. @throws IgniteError `images/unauthorized` */
  login(credentials: RegistryCredentials, request: LoginRequest): Promise<void>;
  /** The files of a kernel image (`/boot`, `/lib/modules`), merged from its layers, in a folder; for the kernels room. */
  exportFiles(reference: string, prefixes: readonly string[], request: ImageRequest): Promise<ExportedFiles>;
}

/** A scratch folder with the wanted files of an image, written by the worker; the caller removes it. */
export interface ExportedFiles extends AsyncDisposable {
  readonly path: string;
  readonly manifestDigest: string;
  readonly reference: string;
}
