// The documents of an image, checked where they enter: image-spec manifest.md, image-index.md, config.md, descriptor.md,
// and Docker's older spelling of the same. Unknown fields are ignored, as the specification asks.
import { IgniteError } from '@ignite/api';
import { z } from 'zod';
import { isDigest } from './digest.ts';

/** Of any document: images of hundreds of layers, each with its history, have some thousands. */
const MOST_VALUES = 100_000;

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

/** What is both index and manifest means one thing to us and another to who has checked it (image-spec GHSA-77vh-xpmg-72qh). */
const absent = z.null('makes the document ambiguous').optional();

const indexSchema = z.object({
  mediaType: z.string().optional(),
  manifests: z.array(descriptorSchema),
  config: absent,
  layers: absent,
});

const manifestSchema = z.object({
  mediaType: z.string().optional(),
  schemaVersion: z.literal(2),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
  manifests: absent,
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

/** Counted before the schema looks at each: faults of millions would keep the daemon from all else for seconds. */
function holdsMoreThan(json: unknown, most: number): boolean {
  const open = [json];
  let count = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    const inside: readonly unknown[] = Object.values(value);
    count += inside.length;
    if (count > most) return true;
    for (const each of inside) if (typeof each === 'object') open.push(each);
  }
  return false;
}

/** Checks JSON bytes against a schema. @throws IgniteError `images/bad-manifest` naming `what` and the first fault */
export function parse<T>(schema: z.ZodType<T>, bytes: Uint8Array, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (cause) {
    throw new IgniteError('images/bad-manifest', `${what} is not JSON`, { cause });
  }
  if (holdsMoreThan(json, MOST_VALUES))
    throw new IgniteError('images/bad-manifest', `${what} holds more than ${MOST_VALUES} values`);
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue === undefined ? '' : `: ${issue.path.join('.') || 'document'}: ${issue.message}`;
  throw new IgniteError('images/bad-manifest', `${what} is no valid document${where}`);
}
