// A VM in one of the original's versions, for people and programs that know only those (DESIGN D10). What the
// original has no path for is left out.
import type { Vm } from '../kinds/vm.ts';
import type { VmSpec } from '../kinds/vm-spec.ts';
import type { VmStorage } from '../kinds/vm-storage.ts';
import type { VmStatus } from '../kinds/vm-status.ts';
import { formatSize } from '../sizes.ts';
import { LEGACY_GROUP, type LegacyVersion } from './v1alpha.ts';

/** Plain data in the original's key order: kind, apiVersion, metadata, spec, status, then declaration order (API-E05). */
export function toVersion(vm: Vm, version: LegacyVersion): Readonly<Record<string, unknown>> {
  return {
    kind: vm.kind,
    apiVersion: `${LEGACY_GROUP}/${version}`,
    metadata: vm.metadata,
    spec: printSpec(vm.spec, vm.bound?.nics.flatMap((nic) => nic.ports) ?? []),
    status: version === 'v1alpha2' ? printOldStatus(vm.status) : printStatus(vm.status),
  };
}

function printSpec(spec: VmSpec, chosen: VmSpec['network']['ports']) {
  // The original has no random ports: what was chosen is shown, and what is not chosen yet cannot be.
  const ports = chosen.length > 0 ? chosen : spec.network.ports.filter((port) => port.hostPort !== 0);
  return {
    image: spec.image,
    ...(spec.sandbox === undefined ? {} : { sandbox: spec.sandbox }),
    kernel: spec.kernel,
    cpus: spec.cpus,
    memory: formatSize(spec.memory),
    diskSize: formatSize(spec.diskSize),
    network: ports.length === 0 ? {} : { ports },
    storage: printStorage(spec.storage ?? {}),
    ...(spec.copyFiles === undefined ? {} : { copyFiles: spec.copyFiles }),
    ...(spec.ssh === undefined || spec.ssh === false ? {} : { ssh: spec.ssh }),
  };
}

/** The original knows block devices alone, and those writable. */
function printStorage({ volumes, volumeMounts }: VmStorage) {
  const devices = volumes?.flatMap(({ name, blockDevice }) =>
    blockDevice === undefined ? [] : [{ name, blockDevice }],
  );
  const names = new Set(devices?.map(({ name }) => name));
  return {
    ...(devices === undefined ? {} : { volumes: devices }),
    ...(volumeMounts === undefined
      ? {}
      : {
          volumeMounts: volumeMounts
            .filter(({ name }) => names.has(name))
            .map(({ name, mountPath }) => ({ name, mountPath })),
        }),
  };
}

function printStatus(status: VmStatus) {
  const { running, runtime, startTime, network, idPrefix } = status;
  return {
    running,
    runtime,
    ...(startTime === undefined ? {} : { startTime }),
    network,
    ...printSources(status),
    idPrefix,
  };
}

/** v1alpha2 had the addresses at the root and knew neither runtime name nor plugin nor prefix (API-X02). */
function printOldStatus(status: VmStatus) {
  const { running, runtime, startTime, network } = status;
  return {
    running,
    runtime: { id: runtime.id },
    ...(startTime === undefined ? {} : { startTime }),
    ipAddresses: network.ipAddresses,
    ...printSources(status),
  };
}

function printSources({ image, kernel }: VmStatus) {
  return {
    ...(image === undefined ? {} : { image: { id: image.id, size: formatSize(image.size) } }),
    ...(kernel === undefined ? {} : { kernel: { id: kernel.id, size: formatSize(kernel.size) } }),
  };
}
