// The documents of an image, checked where they enter: image-spec manifest.md, image-index.md, config.md, descriptor.md,
// and Docker's older spelling of the same. Unknown fields are ignored, as the specification asks.
import { IgniteError } from '@ignite/api';
import { z } from 'zod';
import { isDigest } from './digest.ts';

const digest = z.string().refine(isDigest, 'is no sha256 digest');
const strings = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const platformSchema = z.object({
  architecture: z.string(),
  os: z.string(),
  variant: z.string().optional(),
});

const descriptorSchema = z.object({
  mediaType: z.string().default(''),
  digest,
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).nullish(),
  platform: platformSchema.nullish(),
});

const indexSchema = z.object({ mediaType: z.string().optional(), manifests: z.array(descriptorSchema) });

const manifestSchema = z.object({
  mediaType: z.string().optional(),
  schemaVersion: z.literal(2),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});

const configSchema = z.object({
  architecture: z.string().default('amd64'),
  os: z.string().default('linux'),
  variant: z.string().optional(),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(digest) }),
  config: z
    .object({
      Entrypoint: strings,
      Cmd: strings,
      Env: strings,
      User: z.string().nullish(),
      WorkingDir: z.string().nullish(),
      StopSignal: z.string().nullish(),
      /** Docker's own; times in nanoseconds (moby, api/types/container HealthConfig). */
      Healthcheck: z
        .object({
          Test: strings,
          Interval: z.number().nullish(),
          Timeout: z.number().nullish(),
          StartPeriod: z.number().nullish(),
          Retries: z.number().nullish(),
        })
        .nullish()
        .catch(undefined),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
});

export type Platform = z.infer<typeof platformSchema>;
export type Descriptor = z.infer<typeof descriptorSchema>;
export type ImageIndex = z.infer<typeof indexSchema>;
export type ImageManifest = z.infer<typeof manifestSchema>;
export type ImageConfig = z.infer<typeof configSchema>;

/** An index from its bytes. @throws IgniteError `images/bad-manifest` naming `what` */
export function parseIndex(bytes: Uint8Array, what: string): ImageIndex {
  return parse(indexSchema, bytes, what);
}

/** A manifest from its bytes. @throws IgniteError `images/bad-manifest` naming `what` */
export function parseManifest(bytes: Uint8Array, what: string): ImageManifest {
  return parse(manifestSchema, bytes, what);
}

/** An image configuration from its bytes. @throws IgniteError `images/bad-manifest` naming `what` */
export function parseConfig(bytes: Uint8Array, what: string): ImageConfig {
  return parse(configSchema, bytes, what);
}

/** Checks JSON bytes against a schema. @throws IgniteError `images/bad-manifest` naming `what` and the first fault */
export function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (cause) {
    throw new IgniteError('images/bad-manifest', `${what} is not JSON`, { cause });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined ? '' : `: ${issue.path.join('.') || 'document'}: ${issue.message}`;
  throw new IgniteError('images/bad-manifest', `${what} is no valid document${where}`);
}
