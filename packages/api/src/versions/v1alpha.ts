// The original's versions: `ignite.weave.works/v1alpha2` to v1alpha4, read for ever (DESIGN D10). Their specs are the
// same but for Configuration; what differs is status (API-D01 to API-D12).
import { z } from 'zod';
import { exactPartial, idPrefix, metadataInput, reference, sizeField, time } from '../kinds/fields.ts';
import { portMappingInput, type VmSpecInput } from '../kinds/vm-spec.ts';
import { legacyStorage } from '../kinds/vm-storage.ts';

export const LEGACY_GROUP = 'ignite.weave.works';
export const LEGACY_VERSIONS = ['v1alpha2', 'v1alpha3', 'v1alpha4'] as const;
export type LegacyVersion = (typeof LEGACY_VERSIONS)[number];

const size = sizeField('original');
const source = z.strictObject({ id: z.string(), size: size.exactOptional() });

/** `{}` is what the original printed for a value it could not read; it means off. */
const ssh = z.codec(
  z.union([z.boolean(), z.string(), z.strictObject({})]),
  z.union([z.boolean(), z.string()]),
  {
    decode: (value) => (value === 'true' ? true : typeof value === 'object' ? false : value),
    encode: (value) => value,
  },
);

/** A port of the original: hostPort is required, `0.0.0.0` is what an absent address was printed as. */
const port = portMappingInput.extend({ hostPort: z.int().min(1).max(65535) });

/** A VM spec of the original, sizes in its own grammar (API-V01 to API-V14). */
export const legacyVmSpec = exactPartial(
  z.strictObject({
    image: z.strictObject({ oci: reference }),
    sandbox: z.strictObject({ oci: reference }),
    kernel: exactPartial(z.strictObject({ oci: reference, cmdLine: z.string() })),
    cpus: z.int().nonnegative(),
    memory: size,
    diskSize: size,
    network: exactPartial(z.strictObject({ ports: z.array(port) })),
    storage: legacyStorage,
    copyFiles: z.array(z.strictObject({ hostPath: z.string(), vmPath: z.string() })),
    ssh,
  }),
);

const commonStatus = { running: z.boolean(), startTime: time, image: source, kernel: source } as const;
const ipAddresses = z.array(z.string());

const newStatus = exactPartial(
  z.strictObject({
    ...commonStatus,
    runtime: exactPartial(z.strictObject({ id: z.string(), name: z.string() })),
    network: exactPartial(z.strictObject({ plugin: z.string(), ipAddresses })),
    idPrefix,
  }),
);

const oldStatus = exactPartial(
  z.strictObject({ ...commonStatus, runtime: exactPartial(z.strictObject({ id: z.string() })), ipAddresses }),
);

const configurationV1alpha3 = z.strictObject({
  runtime: z.string(),
  networkPlugin: z.enum(['cni', 'docker-bridge']),
  vmDefaults: legacyVmSpec,
  idPrefix,
});

function vmSchema<S extends z.ZodType>(version: LegacyVersion, status: S) {
  return z.strictObject({
    kind: z.literal('VM'),
    apiVersion: z.literal(`${LEGACY_GROUP}/${version}`),
    metadata: metadataInput.exactOptional(),
    spec: legacyVmSpec.exactOptional(),
    status: z.exactOptional(status),
  });
}

/** A VM in each of the original's versions; made once, as thousands of manifests are read by them. */
export const legacyVmSchemas = {
  v1alpha2: vmSchema('v1alpha2', oldStatus),
  v1alpha3: vmSchema('v1alpha3', newStatus),
  v1alpha4: vmSchema('v1alpha4', newStatus),
} as const;

/** Schema of one kind in one of the original's versions; undefined where the version lacks the kind. */
export function legacySchema(version: LegacyVersion, kind: string) {
  const envelope = { kind: z.literal(kind), apiVersion: z.literal(`${LEGACY_GROUP}/${version}`) };
  const metadata = metadataInput.exactOptional();
  switch (kind) {
    case 'VM':
      return legacyVmSchemas[version];
    case 'Image':
    case 'Kernel': {
      const ociSource = z.looseObject({}).exactOptional();
      const status = z.strictObject({ ociSource, version: z.string().exactOptional() }).exactOptional();
      return z.strictObject({ ...envelope, metadata, spec: z.strictObject({ oci: reference }), status });
    }
    case 'Configuration': {
      if (version === 'v1alpha2') return undefined;
      const spec =
        version === 'v1alpha3'
          ? configurationV1alpha3
          : configurationV1alpha3.extend({ registryConfigDir: z.string() });
      return z.strictObject({ ...envelope, metadata, spec: exactPartial(spec).exactOptional() });
    }
    default:
      return undefined;
  }
}

/** A legacy spec is one of ours already; only what it writes for "every address" is left out. */
export function fromLegacySpec(spec: z.output<typeof legacyVmSpec>): VmSpecInput {
  const { network, ...rest } = spec;
  if (network?.ports === undefined) return { ...rest, ...(network === undefined ? {} : { network: {} }) };
  const ports = network.ports.map(({ bindAddress, ...port }) =>
    bindAddress === undefined || bindAddress === '0.0.0.0' ? port : { bindAddress, ...port },
  );
  return { ...rest, network: { ports } };
}
