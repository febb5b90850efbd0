// One parsed document of any version → our own form, or everything that is wrong with it.
import { z } from 'zod';
import { configurationSchema } from '../kinds/configuration.ts';
import { exactPartial, idPrefix, metadataInput, reference } from '../kinds/fields.ts';
import { vmManifestSchema } from '../kinds/vm.ts';
import { API_VERSION } from '../limits.ts';
import {
  fromLegacySpec,
  LEGACY_GROUP,
  LEGACY_VERSIONS,
  type LegacyVersion,
  legacySchema,
  legacyVmSchemas,
  legacyVmSpec,
} from '../versions/v1alpha.ts';
import { withoutOriginalDefaults } from '../versions/original-defaults.ts';
import { type Issue, zodIssues } from './issues.ts';
import type { ConfigurationManifest, ImageManifest, Manifest, Origin, VmManifest } from './object.ts';

export type Decoded =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const KINDS = ['VM', 'Image', 'Kernel', 'Configuration'] as const;
type Kind = (typeof KINDS)[number];

/** Issues carry the input, so that the message can say that a number should be a string. */
const PARSE = { reportInput: true } as const;

const header = z.looseObject({ kind: z.string(), apiVersion: z.string() });

const imageManifestSchema = z.strictObject({
  kind: z.enum(['Image', 'Kernel']),
  apiVersion: z.literal(API_VERSION),
  metadata: metadataInput.exactOptional(),
  spec: z.strictObject({ oci: reference }),
  status: z.looseObject({}).exactOptional(),
});

/** Decodes strictly: unknown fields and wrong types are issues, reported all together. */
export function decodeDocument(value: unknown, origin: Origin): Decoded {
  const cleaned = withoutNulls(value);
  const head = header.safeParse(cleaned, PARSE);
  if (!head.success) return { ok: false, issues: zodIssues(head.error) };
  const { apiVersion } = head.data;
  const kind = KINDS.find((known) => known === head.data.kind);
  if (kind === undefined)
    return problem(['kind'], `"${head.data.kind.slice(0, 80)}" is not one of ${KINDS.join(', ')}`);
  if (apiVersion === API_VERSION) return decodeOwn(kind, cleaned, origin);
  const version = LEGACY_VERSIONS.find((known) => `${LEGACY_GROUP}/${known}` === apiVersion);
  if (version === undefined) return problem(['apiVersion'], unknownVersion(apiVersion));
  return decodeLegacy(version, kind, cleaned, origin);
}

function decodeOwn(kind: Kind, value: unknown, origin: Origin): Decoded {
  const common = { apiVersion: API_VERSION, legacy: false, origin };
  if (kind === 'VM') {
    return decodeWith(vmManifestSchema, value, ({ metadata = {}, spec = {}, status }): VmManifest => {
      const running = spec.running ?? status?.running;
      return { ...common, kind, metadata, spec: { ...spec, ...(running === undefined ? {} : { running }) } };
    });
  }
  if (kind === 'Configuration') {
    return decodeWith(
      configurationSchema,
      value,
      ({ metadata = {}, spec = {} }): ConfigurationManifest => ({ ...common, kind, metadata, spec }),
    );
  }
  return decodeWith(
    imageManifestSchema,
    value,
    ({ metadata = {}, spec }): ImageManifest => ({ ...common, kind, metadata, spec }),
  );
}

/** What all of the original's schemas have in common once they have accepted a document. */
const legacyShape = z.looseObject({
  metadata: metadataInput.exactOptional(),
  spec: z.looseObject({}).exactOptional(),
});

function decodeLegacy(version: LegacyVersion, kind: Kind, value: unknown, origin: Origin): Decoded {
  if (kind === 'VM')
    return decodeWith(legacyVmSchemas[version], value, ({ metadata = {}, spec = {}, status = {} }) =>
      legacyVm({ apiVersion: `${LEGACY_GROUP}/${version}`, legacy: true, origin, metadata }, spec, status),
    );
  const schema = legacySchema(version, kind);
  if (schema === undefined) return problem(['kind'], `${kind} does not exist in ${version}`);
  const checked = schema.safeParse(value, PARSE);
  if (!checked.success) return { ok: false, issues: zodIssues(checked.error) };
  const common = { apiVersion: `${LEGACY_GROUP}/${version}`, legacy: true, origin };
  return decodeWith(legacyShape, value, ({ metadata = {}, spec = {} }): Manifest => {
    if (kind === 'Configuration') {
      const { runtime, ...rest } = legacyConfiguration.parse(spec);
      return { ...common, kind, metadata, spec: { ...rest, ...legacyRuntime(runtime) } };
    }
    return { ...common, kind, metadata, spec: z.object({ oci: reference }).parse(spec) };
  });
}

/** `containerd` is the original's default, which it wrote into files: it is not what a user asked for (API-C02; DESIGN D10). */
function legacyRuntime(word: string | undefined): { readonly runtime?: 'docker' } {
  return word === 'docker' ? { runtime: word } : {};
}

const legacyConfiguration = exactPartial(
  z.strictObject({
    runtime: z.string(),
    networkPlugin: z.enum(['cni', 'docker-bridge']),
    vmDefaults: legacyVmSpec.transform((spec) => withoutOriginalDefaults(fromLegacySpec(spec))),
    idPrefix,
    registryConfigDir: z.string(),
  }),
);

function legacyVm(
  common: Omit<VmManifest, 'kind' | 'spec'>,
  spec: z.output<typeof legacyVmSpec>,
  status: { readonly running?: boolean | undefined; readonly idPrefix?: string | undefined },
): VmManifest {
  const { running, idPrefix } = status;
  return {
    ...common,
    kind: 'VM',
    spec: {
      ...withoutOriginalDefaults(fromLegacySpec(spec)),
      ...(running === undefined ? {} : { running }),
    },
    ...(idPrefix === undefined || idPrefix === '' ? {} : { idPrefix }),
  };
}

function decodeWith<S extends z.ZodType>(
  schema: S,
  value: unknown,
  make: (data: z.output<S>) => Manifest,
): Decoded {
  const result = schema.safeParse(value, PARSE);
  return result.success
    ? { ok: true, manifest: make(result.data) }
    : { ok: false, issues: zodIssues(result.error) };
}

function problem(path: readonly PropertyKey[], message: string): Decoded {
  return { ok: false, issues: [{ path, message }] };
}

function unknownVersion(apiVersion: string): string {
  const known = [API_VERSION, ...LEGACY_VERSIONS.map((version) => `${LEGACY_GROUP}/${version}`)];
  const removed = apiVersion === `${LEGACY_GROUP}/v1alpha1` ? ' (v1alpha1 was removed in Ignite v0.8.0)' : '';
  return `"${apiVersion.slice(0, 80)}" is not one of ${known.join(', ')}${removed}`;
}

/** A field that is null is a field that is absent, as the original's decoder took it. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (item === null ? [] : [[key, withoutNulls(item)]])),
  );
}
