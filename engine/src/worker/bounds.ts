// What a job may take of the host at most, kept by the kernel, and what to say when one wants more.
import { IgniteError, displaySize } from '@ignite/api';
import type { Bounds } from '../host/index.ts';
import type { Job } from './messages.ts';

/** A bound that a job can reach without doing wrong. */
export type Bound = 'memory' | 'file';

/** Layers of an image, and what Node has open. */
const FILES = 1024;
/** Tables and journal of a disk, in addition to its content. */
const TABLES_BYTES = 8 * 2 ** 30;
/** The drive with all modules of a kernel; distributions' have up to 1 GiB. */
const KERNEL_BYTES = 32 * 2 ** 30;

/** The bounds of a job. @param memoryBytes private memory beyond the program itself */
export function boundsOf(job: Job, memoryBytes: number): Bounds {
  // A disk of many small files is larger than they are: a block each.
  const fileBytes = job.kind === 'kernel' ? KERNEL_BYTES : 2 * job.limits.maxUnpackedBytes + TABLES_BYTES;
  return { memoryBytes, fileBytes, files: FILES };
}

/** The error of a job that wanted more than a bound. */
export function beyond(bound: Bound, { memoryBytes, fileBytes }: Bounds, cause?: unknown): IgniteError {
  const what =
    bound === 'memory'
      ? `needs more than the ${displaySize(memoryBytes)} of memory that it may take (imports.maxMemory)`
      : `writes a file of more than ${displaySize(fileBytes)} (imports.maxSize)`;
  return new IgniteError('images/too-large', `The import ${what}`, {
    details: { bound },
    ...(cause === undefined ? {} : { cause }),
  });
}
