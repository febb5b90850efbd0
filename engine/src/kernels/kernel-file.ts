// kernel.json: what is written down about a kernel in the store. Paths are not in it: a state directory may move.
import { IgniteError } from '@ignite/api';
import { z } from 'zod';

const schema = z.object({
  format: z.literal(1),
  uid: z.string().regex(/^[0-9a-f]{16}$/),
  /** Names it was imported under, the newest first; may be none when another kernel took the name. */
  references: z.array(z.string()),
  /** Names it is found by but not shown under: the metapackage that led to it. */
  aliases: z.array(z.string()),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  version: z.string(),
  created: z.string(),
  size: z.int().nonnegative(),
  architecture: z.string(),
  modulesCpio: z.boolean(),
  modulesDrive: z.boolean(),
  features: z.object({
    virtioMmioCmdline: z.boolean().exactOptional(),
    pvh: z.boolean().exactOptional(),
    virtioBuiltIn: z.boolean().exactOptional(),
  }),
});

export type KernelFile = z.infer<typeof schema>;

/** @throws IgniteError `kernels/store` naming the folder */
export function parseKernelFile(text: string, folder: string): KernelFile {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new IgniteError('kernels/store', `The record of the kernel in ${folder} cannot be read`, {
      cause,
      details: { folder },
    });
  }
}
