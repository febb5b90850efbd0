// The kind Kernel in our stored and served version.
import { z } from 'zod';
import { API_VERSION } from '../limits.ts';
import { metadata, size } from './fields.ts';

export const kernelSchema = z
  .strictObject({
    kind: z.literal('Kernel'),
    apiVersion: z.literal(API_VERSION),
    metadata,
    spec: z.strictObject({
      oci: z.string().meta({ description: 'Image reference, `apt:PACKAGE`, or the name of a file' }),
    }),
    status: z.strictObject({
      version: z.string().meta({ description: 'Read from the file' }),
      ociSource: z.strictObject({ id: z.string(), size }),
      digest: z.string().meta({ description: 'Of the uncompressed vmlinux' }),
      architecture: z.string(),
      modules: z.boolean().meta({ description: 'Comes with loadable modules' }),
    }),
  })
  .meta({ id: 'Kernel', description: 'A Linux kernel that VMs boot' });

/** Inside: sizes are numbers of bytes. */
export type Kernel = z.output<typeof kernelSchema>;
/** Outside: sizes are strings. */
export type KernelDocument = z.input<typeof kernelSchema>;
