// zod fields that several kinds share. Each reads the form people write and keeps the form we work with.
import { z } from 'zod';
import { canonicalAddress } from '../addresses.ts';
import { normalizeReference } from '../references.ts';
import { formatSize, parseSize, type SizeDialect } from '../sizes.ts';

/** A size: a string outside, a number of bytes inside. */
export function sizeField(dialect: SizeDialect) {
  return z
    .codec(z.string(), z.number().int().nonnegative(), {
      decode: (text, context) => attempt(() => parseSize(text, dialect), text, context) ?? z.NEVER,
      encode: formatSize,
    })
    .meta({ description: 'A size in powers of 1024: digits and a unit', examples: ['512MB', '4GB'] });
}

export const size = sizeField('extended');

/** An image reference, kept in Docker's familiar form with its tag or digest. */
export const reference = z
  .codec(z.string(), z.string(), {
    decode: (text, context) => attempt(() => normalizeReference(text), text, context) ?? z.NEVER,
    encode: (text) => text,
  })
  .meta({ description: 'An OCI image reference', examples: ['ubuntu:24.04'] });

/** RFC 3339 with a zone. */
export const time = z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339' });

export const address = z
  .codec(z.string(), z.string(), {
    decode: (text, context) => {
      const canonical = canonicalAddress(text);
      if (canonical !== undefined) return canonical;
      context.issues.push({ code: 'custom', message: 'must be an IP address', input: text });
      return z.NEVER;
    },
    encode: (text) => text,
  })
  .meta({ description: 'An IPv4 or IPv6 address' });

/** Containers and CNI know a VM by PREFIX-UID: what both take, and not more than containerd does with a UID. */
export const idPrefix = z
  .string()
  .max(59, 'is longer than 59 characters')
  .regex(/^([A-Za-z0-9]+([._-][A-Za-z0-9]+)*)?$/, 'must be letters and digits, with single . _ - between')
  .meta({ description: 'VMs are PREFIX-UID to containers and CNI; empty: ignite' });

export const port = z.int().min(1).max(65535);

/** String → string; keys such as `__proto__` are plain keys. */
export const stringMap = z.record(z.string(), z.string());

/** Metadata of VM, Image, Kernel and Configuration (API-M01 to API-M05). */
export const metadata = z.strictObject({
  name: z.string(),
  uid: z.string(),
  created: time,
  labels: stringMap.exactOptional(),
  annotations: stringMap.exactOptional(),
});

/** Metadata as people write it: nothing is required. */
export const metadataInput = exactPartial(metadata);

export type Metadata = z.output<typeof metadata>;
export type MetadataInput = z.output<typeof metadataInput>;

/**
 * A strict object all of whose fields may be left out, but not be `undefined`: zod's own `partial()` allows both,
 * which does not fit exactOptionalPropertyTypes.
 */
export function exactPartial<S extends z.core.$ZodLooseShape>(object: z.ZodObject<S>) {
  const shape = Object.fromEntries(
    Object.entries(object.shape).map(([key, field]) => [key, z.exactOptional(field)]),
  ) as { [K in keyof S]: z.ZodExactOptional<S[K]> }; // fromEntries forgets the keys
  return z.strictObject(shape);
}

/** Runs a parser of ours inside a codec and turns its IgniteError into an issue that carries it. */
function attempt<T>(parse: () => T, input: string, context: z.core.ParsePayload): T | undefined {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    context.issues.push({ code: 'custom', message: `is wrong: ${message}`, input, params: { error } });
    return undefined;
  }
}
