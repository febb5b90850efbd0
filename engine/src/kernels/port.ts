// What other rooms see of the kernels room.
import type { Report } from '@ignite/api';
import type { ImageRequest } from '../images/port.ts';

export interface KernelRecord {
  /** Image reference, `apt:linux-image-6.1.0-56-cloud-amd64`, or the file's name. */
  readonly reference: string;
  /** 16 hex digits. */
  readonly uid: string;
  /** sha256 of the vmlinux. */
  readonly digest: string;
  /** `6.1.0-56-cloud-amd64`, read from the file. */
  readonly version: string;
  readonly created: string;
  readonly size: number;
  readonly architecture: string;
  /** Absolute path of the uncompressed ELF. */
  readonly vmlinux: string;
  /**
   * newc cpio: `/ignite/modules` lists file names of `/ignite/mod/`, one a line, in load order, to be loaded before
   * drives are looked for; `/ignite/modules-later` the same for what can wait (vsock, rng). Absent if all is built in.
   */
  readonly modulesCpio?: string;
  /**
   * ext4 image to be mounted read-only as /lib/modules: `/VERSION/kernel/…`, modules unpacked, with the indexes that
   * modprobe reads. Absent if the kernel has no modules.
   */
  readonly modulesDrive?: string;
  /** Facts from the kernel's configuration where it has one; unset where nobody knows. */
  readonly features: {
    readonly virtioMmioCmdline?: boolean;
    readonly pvh?: boolean;
    readonly virtioBuiltIn?: boolean;
  };
}

export interface Kernels {
  /**
   * The kernel to boot. `undefined` is the default: the configured kernel image if it can be had, else a kernel that is
   * here (the distribution's before others), else the distribution's own package through apt (unless
   * `kernel.autoDownload` is false).
   */
  ensure(reference: string | undefined, request: ImageRequest): Promise<KernelRecord>;
  /**
   * `apt:PACKAGE`, an image reference, or `host:` (the running kernel). Importing what is there is no error.
   */
  import(
    source: string,
    options: { readonly report: Report; readonly signal: AbortSignal; readonly image: ImageRequest },
  ): Promise<KernelRecord>;
  /**
   * A `.deb`, vmlinux or bzImage as bytes, or a tar of a folder laid out as a kernel image (`boot/`, `lib/modules/`); the
   * reference is the base name of `name`.
   */
  load(
    name: string,
    stream: AsyncIterable<Uint8Array>,
    options: { readonly report: Report; readonly signal: AbortSignal },
  ): Promise<KernelRecord>;
  /** By exact reference, the package asked for (`apt:linux-image-cloud-amd64`), uid, digest or unique uid prefix. */
  find(reference: string): Promise<KernelRecord | undefined>;
  /** Newest first, one for each reference. */
  list(): Promise<readonly KernelRecord[]>;
  /**
   * Keeps a kernel from being removed until it is disposed, while a VM is made from it.
   * @param vm its name, for who wants to remove the kernel
   * @throws IgniteError `kernels/not-found` where it was removed meanwhile
   */
  hold(uid: string, vm: string): Promise<Disposable>;
  /**
   * Removes the reference, and the kernel with its last one or when named by uid.
   * @param inUse asked at the moment of the removal; what it says is in use is held
   * @throws IgniteError `kernels/not-found`, `kernels/held`
   */
  remove(reference: string, inUse?: (uid: string) => boolean): Promise<void>;
}
