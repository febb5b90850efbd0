// Bodies and queries of the operations on images and kernels.
import { z } from 'zod';
import { exactPartial, reference } from '../kinds/fields.ts';
import { imageRunConfig, imageSchema } from '../kinds/image.ts';
import { kernelSchema } from '../kinds/kernel.ts';
import { credentials, pullOptions, queryNumber } from './parts.ts';

export const pullImageBody = z.strictObject({ reference, ...pullOptions }).meta({ id: 'PullImage' });

const archiveBytes = queryNumber.exactOptional().meta({
  description: 'Size of the archive, if known: free space is checked at once',
});

/** The body of the request is the archive itself. */
export const loadImageQuery = z.strictObject({
  reference: reference.exactOptional(),
  bytes: archiveBytes,
});

/** How an image made from a root file system runs; JSON in a query. */
const runSettings = z.codec(z.string().max(64 << 10), exactPartial(imageRunConfig), {
  decode: (text, context) => {
    try {
      return JSON.parse(text);
    } catch {
      context.issues.push({ code: 'custom', input: text, message: 'is not JSON' });
      return z.NEVER;
    }
  },
  encode: (settings) => JSON.stringify(settings),
});

/** The body of the request is a tar, perhaps compressed. */
export const importRootfsQuery = z.strictObject({
  reference,
  bytes: archiveBytes,
  config: runSettings.exactOptional().meta({ description: 'How the image runs, JSON (status.config)' }),
});

const { pull: _, ...pushOptions } = pullOptions;

export const pushImageBody = z
  .strictObject({
    reference: z.string().meta({ description: 'Reference or UID of an image here' }),
    target: reference.exactOptional().meta({ description: 'Absent: its own reference' }),
    ...pushOptions,
  })
  .meta({ id: 'PushImage' });

export const pushedImage = z
  .strictObject({ reference: z.string(), digest: z.string(), size: z.int().nonnegative() })
  .meta({ id: 'PushedImage' });

export const saveImagesBody = z
  .strictObject({ references: z.array(z.string()).min(1).max(1000) })
  .meta({ id: 'SaveImages' });

export const pruneImagesBody = z
  .strictObject({
    all: z
      .boolean()
      .exactOptional()
      .meta({ description: 'Named images, too, not only those that lost their name' }),
  })
  .meta({ id: 'PruneImages' });

export const prunedImages = z
  .strictObject({
    images: z.array(z.strictObject({ uid: z.string(), reference: z.string().exactOptional() })),
    freed: z.number().nonnegative().meta({ description: 'Bytes on disk' }),
  })
  .meta({ id: 'PrunedImages' });

export const loginBody = z
  .strictObject({ ...credentials.shape, insecureRegistries: pullOptions.insecureRegistries })
  .meta({ id: 'Login' });

export const loginResult = z.strictObject({ registry: z.string() }).meta({ id: 'LoginResult' });

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
