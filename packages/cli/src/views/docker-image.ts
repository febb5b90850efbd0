// Images and kernels under the names of Docker's `images --format`.
import { displayAge } from '@ignite/api/ages';
import { parseReference } from '@ignite/api/references';
import { displaySize, parseSize } from '@ignite/api/sizes';
import type { ImageDocument, KernelDocument } from '@ignite/client';
import type { GoValue } from '../template/index.ts';

/** Columns of `images`, the original's (OUT-03). */
export const IMAGE_COLUMNS = ['IMAGE ID', 'NAME', 'CREATED', 'SIZE'] as const;

/** Columns of `kernels`, the original's (OUT-04). */
export const KERNEL_COLUMNS = [...['KERNEL ID', 'NAME', 'CREATED', 'SIZE'], 'VERSION'] as const;

/** One row of `images`. */
export function imageRow(image: ImageDocument, now: Date): readonly string[] {
  const { metadata, status } = image;
  return [metadata.uid, metadata.name, displayAge(metadata.created, now), shown(status.ociSource.size)];
}

/** One row of `kernels`. */
export function kernelRow(kernel: KernelDocument, now: Date): readonly string[] {
  const { metadata, status } = kernel;
  return [
    metadata.uid,
    metadata.name,
    displayAge(metadata.created, now),
    shown(status.ociSource.size),
    status.version,
  ];
}

/** Fields of an image. */
export function dockerImage(image: ImageDocument, now: Date): Readonly<Record<string, GoValue>> {
  const { metadata, status } = image;
  const { repository, tag } = split(metadata.name);
  const age = displayAge(metadata.created, now);
  return {
    ID: metadata.uid,
    Name: metadata.name,
    Repository: repository,
    Tag: tag,
    Digest: status.digest,
    CreatedAt: metadata.created,
    CreatedSince: age.startsWith('<') ? age : `${age} ago`,
    Size: shown(status.ociSource.size),
    Architecture: status.architecture,
  };
}

/** Fields of a kernel. */
export function dockerKernel(kernel: KernelDocument, now: Date): Readonly<Record<string, GoValue>> {
  const { metadata, status } = kernel;
  const age = displayAge(metadata.created, now);
  return {
    ID: metadata.uid,
    Name: metadata.name,
    Version: status.version,
    Digest: status.digest,
    CreatedAt: metadata.created,
    CreatedSince: age.startsWith('<') ? age : `${age} ago`,
    Size: shown(status.ociSource.size),
    Architecture: status.architecture,
  };
}

function shown(size: string): string {
  return displaySize(parseSize(size));
}

function split(name: string): { repository: string; tag: string } {
  try {
    const { tag, digest } = parseReference(name);
    const end = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
    return { repository: name.slice(0, name.length - end.length), tag: tag ?? '<none>' };
  } catch {
    return { repository: name, tag: '<none>' };
  }
}
