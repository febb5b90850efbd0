// The kind Image in our stored and served version.
import { z } from 'zod';
import { API_VERSION } from '../limits.ts';
import { metadata, reference, size, stringMap } from './fields.ts';
import { healthCheck } from './health-check.ts';

/** How the image says it runs (OCI image-spec, config.md). */
export const imageRunConfig = z.strictObject({
  entrypoint: z.array(z.string()),
  cmd: z.array(z.string()),
  env: z.array(z.string()),
  user: z.string(),
  workdir: z.string(),
  stopSignal: z.string().exactOptional(),
  healthCheck: healthCheck.exactOptional(),
  exposedPorts: z.array(z.string()),
  labels: stringMap,
});

export const imageSchema = z
  .strictObject({
    kind: z.literal('Image'),
    apiVersion: z.literal(API_VERSION),
    metadata,
    spec: z.strictObject({ oci: reference }),
    status: z.strictObject({
      ociSource: z.strictObject({ id: z.string(), size }),
      digest: z.string().meta({ description: 'Of the manifest' }),
      configDigest: z.string(),
      architecture: z.string(),
      config: imageRunConfig,
      init: z
        .strictObject({ path: z.string(), kind: z.enum(['systemd', 'openrc', 'sysv']) })
        .exactOptional()
        .meta({ description: 'A real init found in the image' }),
      hasSshd: z.boolean(),
      diskSize: size.meta({ description: 'The smallest disk a VM of it can have' }),
    }),
  })
  .meta({ id: 'Image', description: 'An OCI image that VMs are made from' });

/** Inside: sizes are numbers of bytes. */
export type Image = z.output<typeof imageSchema>;
/** Outside: sizes are strings. */
export type ImageDocument = z.input<typeof imageSchema>;
