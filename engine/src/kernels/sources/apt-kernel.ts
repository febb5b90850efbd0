// Which packages hold the kernel that a package name leads to, and getting them.
import { IgniteError } from '@ignite/api';
import { type Apt, type AptContext, withApt } from './apt.ts';
import { type AptPackage, isKernelPackage, isModulesPackage } from './apt-record.ts';

interface KernelDownload {
  /** The package with the kernel: `linux-image-6.1.0-56-cloud-amd64`. */
  readonly kernelPackage: string;
  readonly version: string;
  /** Absolute paths of the `.deb` files, in the context's scratch folder. */
  readonly files: readonly string[];
}

/** Metapackages point to metapackages at most this deep. */
const MAX_DEPTH = 4;

/**
 * Downloads the kernel that a package is or depends on, and on Ubuntu its modules package.
 * @throws IgniteError `kernels/no-apt`, `kernels/apt-failed`, `kernels/not-found`, `host/cancelled`
 */
export function downloadKernel(name: string, context: AptContext): Promise<KernelDownload> {
  return withApt(name, context, async (apt) => {
    const kernel = await resolveKernel(apt, name, 0);
    const modules = await Promise.all(kernel.depends.filter(isModulesPackage).map(apt.show));
    const files = await apt.download([kernel, ...modules]);
    return { kernelPackage: kernel.name, version: kernel.version, files };
  });
}

/** Follows metapackages to the one that has a kernel. */
async function resolveKernel(apt: Apt, name: string, depth: number): Promise<AptPackage> {
  const found = await apt.show(name);
  if (isKernelPackage(found.name)) return found;
  const next =
    found.depends.find(isKernelPackage) ?? found.depends.find((each) => each.startsWith('linux-image-'));
  if (next === undefined || depth >= MAX_DEPTH) {
    throw new IgniteError('kernels/not-found', `The package ${name} has no kernel and depends on none`, {
      details: { package: name },
    });
  }
  return await resolveKernel(apt, next, depth + 1);
}
