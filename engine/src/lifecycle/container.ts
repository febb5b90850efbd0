// The container around a VM's supervisor, where its spec asks for one: its name and labels, and its end.
import { IgniteError, isIgniteError, type VmRecord } from '@ignite/api';
import type { AttachedNic } from '../network/index.ts';
import type { Claim, Journal } from '../state/index.ts';
import {
  CONTAINER_LABELS,
  type ContainerName,
  type ContainerRuntimeName,
  type LaunchContainer,
} from '../supervisor/index.ts';
import type { Rooms } from './rooms.ts';

/** Seconds; the original's label of its containers in containerd, for programs that look at it (CTR-03). */
const STOP_TIMEOUT = '30';

/** The runtime that a VM's spec asks for; undefined: a process of the daemon. */
export function runtimeOf({ runtime }: Pick<VmRecord['spec'], 'runtime'>): ContainerRuntimeName | undefined {
  return runtime === undefined || runtime === 'process' ? undefined : runtime;
}

/** The original's name of a VM's container (CTR-01). */
export function containerName({ idPrefix, metadata }: VmRecord): string {
  return `${idPrefix}-${metadata.uid}`;
}

/** The container for the next run of a VM. @param instance the engine's random instance id */
export function containerFor(
  record: VmRecord,
  instance: string,
  nics: readonly AttachedNic[],
): LaunchContainer | undefined {
  const { spec, metadata, bound } = record;
  const runtime = runtimeOf(spec);
  if (runtime === undefined) return undefined;
  return {
    runtime,
    name: containerName(record),
    labels: {
      [CONTAINER_LABELS.name]: metadata.name,
      [CONTAINER_LABELS.uid]: metadata.uid,
      [CONTAINER_LABELS.instance]: instance,
      [CONTAINER_LABELS.slot]: String(bound.slot),
      ...(runtime === 'containerd' ? { IgniteStopTimeout: STOP_TIMEOUT } : {}),
    },
    env: sandboxEnvironment(metadata.annotations),
    ...(spec.sandbox === undefined ? {} : { image: spec.sandbox.oci }),
    ...(runtime === 'docker' ? dockerNetwork(nics) : {}),
  };
}

const SANDBOX_ENV = 'ignite.weave.works/sandbox-env/';

/** Variables that annotations name for the container (API-A05); the VMM's environment is ours. Names that are none are passed over. */
export function sandboxEnvironment(
  annotations: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const variables = Object.entries(annotations).map(
    ([key, value]) => [key.startsWith(SANDBOX_ENV) ? key.slice(SANDBOX_ENV.length) : '', value] as const,
  );
  return Object.fromEntries(
    variables.filter(([name, value]) => /^[A-Za-z_]\w*$/.test(name) && !value.includes('\0')),
  );
}

/** On Docker's bridge it is in the network of the container that holds the VM's place there. */
function dockerNetwork(nics: readonly AttachedNic[]): Pick<LaunchContainer, 'network'> {
  const first = nics.find((nic) => nic.kind === 'given' && nic.bound.mode === 'docker-bridge');
  return first?.kind === 'given' ? { network: first.netns.replace(/^.*\//, '') } : {};
}

/** The claim of a container: `docker/ignite-0123456789abcdef`. */
export function containerClaim({ runtime, name }: ContainerName): Pick<Claim, 'kind' | 'name'> {
  return { kind: 'container', name: `${runtime}/${name}` };
}

/** Containers that are claimed and not known to be gone. Those of the network room have other names. */
export function claimedContainers(journal: Pick<Journal, 'live'>): readonly ContainerName[] {
  return journal.live().flatMap(({ kind, name }) => {
    const [runtime, rest] = name.split('/', 2);
    if (kind !== 'container' || rest === undefined) return [];
    return runtime === 'docker' || runtime === 'containerd' ? [{ runtime, name: rest }] : [];
  });
}

/**
 * Removes the containers of a run that has ended.
 * @throws IgniteError `supervisor/no-runtime`, which names the VM, `supervisor/runtime-refused`; the claims stay
 */
export async function removeContainers(
  vmName: string,
  journal: Journal,
  { supervisor }: Pick<Rooms, 'supervisor'>,
  signal: AbortSignal,
): Promise<void> {
  for (const container of claimedContainers(journal)) {
    try {
      await supervisor.removeContainer(container, signal);
    } catch (cause) {
      if (!isIgniteError(cause, 'supervisor/no-runtime')) throw cause;
      throw new IgniteError(
        'supervisor/no-runtime',
        `The container ${container.name} of ${vmName} cannot be removed: ${cause.message}`,
        { cause },
      );
    }
    await journal.gone(containerClaim(container));
  }
}
