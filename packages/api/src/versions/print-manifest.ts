// A manifest in another version, for `ignite convert` and `ignite get --manifest`: only what it says, no defaults.
import type { MetadataInput } from '../kinds/fields.ts';
import type { VmSpecInput } from '../kinds/vm-spec.ts';
import { API_VERSION } from '../limits.ts';
import { specDocument } from '../manifest/spec-document.ts';
import { LEGACY_GROUP, type LegacyVersion } from './v1alpha.ts';

/** What a manifest says of a VM. */
export interface SaidOfVm {
  readonly metadata: MetadataInput;
  readonly spec: VmSpecInput;
  /** It was written in a version of the original, where silence means stopped. */
  readonly legacy: boolean;
}

export interface PrintedManifest {
  readonly document: Readonly<Record<string, unknown>>;
  /** Paths that the version has no field for. */
  readonly lost: readonly string[];
}

/** Fields of spec that every version of the original has, in its order. */
const LEGACY_FIELDS = [
  'image',
  'sandbox',
  'kernel',
  'cpus',
  'memory',
  'diskSize',
  'network',
  'storage',
  'copyFiles',
  'ssh',
] as const;

/** In our version, or one of the original's. */
export function printManifest(said: SaidOfVm, version: 'v1beta1' | LegacyVersion): PrintedManifest {
  return version === 'v1beta1' ? printOwn(said) : printLegacy(said, version);
}

function printOwn({ metadata, spec, legacy }: SaidOfVm): PrintedManifest {
  const running = spec.running ?? (legacy ? false : undefined);
  const document = {
    kind: 'VM',
    apiVersion: API_VERSION,
    metadata,
    spec: { ...specDocument(spec), ...(running === undefined ? {} : { running }) },
  };
  return { document, lost: [] };
}

function printLegacy({ metadata, spec, legacy }: SaidOfVm, version: LegacyVersion): PrintedManifest {
  const all: Readonly<Record<string, unknown>> = specDocument(spec);
  const { running, ...others } = all;
  const known: ReadonlySet<string> = new Set(LEGACY_FIELDS);
  const kept = LEGACY_FIELDS.flatMap((key) => (key in others ? [[key, others[key]] as const] : []));
  const printed = { ...Object.fromEntries(kept), ...networkOf(spec) };
  return {
    document: {
      kind: 'VM',
      apiVersion: `${LEGACY_GROUP}/${version}`,
      metadata,
      spec: printed,
      status: { running: running ?? !legacy },
    },
    lost: [
      ...Object.keys(others).flatMap((key) => (known.has(key) ? [] : [`spec.${key}`])),
      ...Object.keys(spec.network ?? {}).flatMap((key) => (key === 'ports' ? [] : [`spec.network.${key}`])),
    ],
  };
}

/** The original's network has ports and nothing else, and each with a host port. */
function networkOf({ network }: VmSpecInput) {
  if (network === undefined) return {};
  const ports = (network.ports ?? []).filter(({ hostPort }) => hostPort !== undefined && hostPort !== 0);
  return { network: ports.length === 0 ? {} : { ports } };
}
