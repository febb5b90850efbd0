// What a conversion found, one file per manifest: read in milliseconds by every `run`, instead of the image's documents.
import { readFile } from 'node:fs/promises';
import { healthCheckSchema } from '@ignite/api';
import { z } from 'zod';
import { hasErrno, writeFileAtomic } from '../../host/index.ts';
import { isDigest } from '../digest.ts';
import type { ImagePaths } from './paths.ts';

const conversionSchema = z.object({
  format: z.literal(1),
  manifestDigest: z.string().refine(isDigest),
  configDigest: z.string().refine(isDigest),
  /** Part of the base disk's file name. */
  recipe: z.string().regex(/^r\d+$/),
  /** Bytes of the unpacked files. */
  size: z.int().nonnegative(),
  entries: z.int().nonnegative(),
  architecture: z.string(),
  config: z.object({
    entrypoint: z.array(z.string()),
    cmd: z.array(z.string()),
    env: z.array(z.string()),
    user: z.string(),
    workdir: z.string(),
    stopSignal: z.string().optional(),
    healthCheck: healthCheckSchema.optional(),
    exposedPorts: z.array(z.string()),
    labels: z.record(z.string(), z.string()),
  }),
  init: z.object({ path: z.string(), kind: z.enum(['systemd', 'openrc', 'sysv']) }).optional(),
  hasSshd: z.boolean(),
  /** Size of the base disk. */
  baseBytes: z.int().positive(),
});

/** A finished conversion of one manifest. */
export type Conversion = z.infer<typeof conversionSchema>;

/** Reads the record of a manifest; undefined where there is none, or none that this version can read. */
export async function readConversion(paths: ImagePaths, digest: string): Promise<Conversion | undefined> {
  try {
    return conversionSchema.parse(JSON.parse(await readFile(paths.recordFile(digest), 'utf8')));
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined;
    throw error;
  }
}

/** Writes the record of a manifest. */
export async function writeConversion(paths: ImagePaths, record: Conversion): Promise<void> {
  await writeFileAtomic(
    paths.recordFile(record.manifestDigest),
    `${JSON.stringify(record, null, 2)}\n`,
    0o644,
  );
}
