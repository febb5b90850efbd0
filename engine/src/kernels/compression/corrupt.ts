// The error that every decoder of this folder throws: what was being read and what is wrong with it.
import { IgniteError } from '@ignite/api';

/** @param format `xz`, `lz4`, `bzImage`, … @param what what does not fit, in words */
export function corrupt(format: string, what: string, cause?: unknown): IgniteError {
  return new IgniteError('kernels/corrupt', `The ${format} data is damaged: ${what}`, {
    stage: 'kernel',
    ...(cause === undefined ? {} : { cause }),
    details: { format, what },
  });
}
