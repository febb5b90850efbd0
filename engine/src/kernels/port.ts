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
  /** newc cpio with the modules a boot needs in load order, listed in `/ignite/modules`; absent if all is built in. */
  readonly modulesCpio?: string;
  /** ext4 image with /lib/modules/VERSION at its root, attached read-only; absent if the kernel has no modules. */
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
   * The kernel to boot. `undefined` is the default: the configured kernel image if it can be had, else the
   * distribution's own package through apt (unless `kernel.autoDownload` is false).
   */
  ensure(reference: string | undefined, request: ImageRequest): Promise<KernelRecord>;
  /** `apt:PACKAGE`, a `.deb`, a vmlinux or bzImage file with optional modules folder, or an image reference. */
  import(
    source: string,
    options: { readonly report: Report; readonly signal: AbortSignal; readonly image: ImageRequest },
  ): Promise<KernelRecord>;
  find(reference: string): Promise<KernelRecord | undefined>;
  list(): Promise<readonly KernelRecord[]>;
  remove(reference: string): Promise<void>;
}
