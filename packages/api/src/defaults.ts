// Filling in what the user left out (CFG-01). Pure: built-in values, then Configuration's vmDefaults, then layers
// nearer to the user, the last word wins.
import type { VmSpec, VmSpecInput } from './kinds/vm-spec.ts';
import { DEFAULTS } from './limits.ts';
import type { PortMapping } from './ports.ts';

/**
 * Lays specs over each other, weakest first. Objects (`kernel`, `network`, `storage`, `resources`, `restartPolicy`) are merged
 * by field; lists and plain values are replaced as a whole. `cpus: 0` and sizes of zero count as absent, as in the
 * original (API-V05, API-V06).
 */
export function layerSpecs(...layers: readonly VmSpecInput[]): VmSpecInput {
  return layers.reduce<VmSpecInput>((under, layer) => {
    const over = withoutZeros(layer);
    return {
      ...under,
      ...over,
      ...merged('kernel', under.kernel, over.kernel),
      ...merged('network', under.network, over.network),
      ...merged('storage', under.storage, over.storage),
      ...merged('resources', under.resources, over.resources),
    };
  }, {});
}

/** A spec with every default filled in; undefined where there is no image, which nothing can stand in for. */
export function fillSpec(input: VmSpecInput): VmSpec | undefined {
  const { image, network, ...rest } = withoutZeros(input);
  if (image === undefined) return undefined;
  return {
    kernel: {},
    cpus: DEFAULTS.cpus,
    memory: DEFAULTS.memoryBytes,
    diskSize: DEFAULTS.diskBytes,
    running: true,
    restartPolicy: { name: 'no' },
    tty: false,
    stdin: false,
    boot: 'auto',
    stopTimeout: DEFAULTS.stopTimeoutSeconds,
    autoRemove: false,
    ...rest,
    image,
    network: {
      ...network,
      mode: network?.mode ?? 'bridge',
      ports: (network?.ports ?? []).map(fillPort),
    },
  };
}

function fillPort(port: Partial<PortMapping> & { readonly vmPort: number }): PortMapping {
  return { ...port, hostPort: port.hostPort ?? 0, protocol: port.protocol ?? 'tcp' };
}

function withoutZeros(spec: VmSpecInput): VmSpecInput {
  const { cpus, memory, diskSize, ssh, ...rest } = spec;
  return {
    ...rest,
    ...(cpus ? { cpus } : {}),
    ...(memory ? { memory } : {}),
    ...(diskSize ? { diskSize } : {}),
    ...(ssh === undefined || ssh === '' ? {} : { ssh }),
  };
}

function merged<K extends 'kernel' | 'network' | 'storage' | 'resources'>(
  key: K,
  under: VmSpecInput[K],
  over: VmSpecInput[K],
): Partial<Record<K, NonNullable<VmSpecInput[K]>>> {
  if (under === undefined || over === undefined) return {};
  return { [key]: { ...under, ...over } } as Partial<Record<K, NonNullable<VmSpecInput[K]>>>;
}
