// Bodies and queries of the operations on images and kernels.
import { z } from 'zod';
import { reference } from '../kinds/fields.ts';
import { imageSchema } from '../kinds/image.ts';
import { kernelSchema } from '../kinds/kernel.ts';
import { pullOptions } from './parts.ts';

export const pullImageBody = z.strictObject({ reference, ...pullOptions }).meta({ id: 'PullImage' });

/** The body of the request is the archive itself. */
export const loadImageQuery = z.strictObject({ reference: reference.exactOptional() });

export const makeImageBody = z
  .strictObject({
    distribution: z.enum(['debian', 'ubuntu']),
    suite: z.string().exactOptional().meta({ description: 'Absent: the host’s' }),
    reference: reference.exactOptional().meta({ description: 'Name of the image' }),
    packages: z.array(z.string()).exactOptional().meta({ description: 'Packages beside the usual ones' }),
    mirror: z.string().exactOptional(),
  })
  .meta({ id: 'MakeImage' });

export const tagImageBody = z
  .strictObject({ source: z.string(), target: reference })
  .meta({ id: 'TagImage' });

export const imageList = z.strictObject({ items: z.array(imageSchema) }).meta({ id: 'ImageList' });

export const importKernelBody = z
  .strictObject({
    source: z.string().meta({ description: '`apt:PACKAGE` or an image reference' }),
    ...pullOptions,
  })
  .meta({ id: 'ImportKernel' });

/** The body of the request is a .deb, a vmlinux or a bzImage. */
export const loadKernelQuery = z.strictObject({ name: z.string().min(1).max(255) });

export const kernelList = z.strictObject({ items: z.array(kernelSchema) }).meta({ id: 'KernelList' });
