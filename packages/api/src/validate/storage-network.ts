// Rules for volumes, mounts, files to copy and ports: API-R03 to API-R05, and what the original did not check.
import type { VmSpecInput } from '../kinds/vm-spec.ts';
import { LIMITS } from '../limits.ts';
import { formatPort, portsCollide } from '../ports.ts';
import type { Violation } from './violation.ts';

export function validateStorage(spec: VmSpecInput): Violation[] {
  const volumes = spec.storage?.volumes ?? [];
  const mounts = spec.storage?.volumeMounts ?? [];
  const names = new Set(volumes.map((volume) => volume.name));
  const volumesPath = 'spec.storage.volumes';
  const mountsPath = 'spec.storage.volumeMounts';
  return [
    ...validateCopyFiles(spec.copyFiles ?? []),
    ...(volumes.length > LIMITS.volumes
      ? [{ path: volumesPath, message: `are more than ${LIMITS.volumes}` }]
      : []),
    ...namesOf(volumesPath, volumes),
    ...volumes.flatMap((volume, index) =>
      volume.blockDevice === undefined
        ? [{ path: `${volumesPath}[${index}].blockDevice`, message: 'must be there' }]
        : absolute(`${volumesPath}[${index}].blockDevice.path`, volume.blockDevice.path),
    ),
    ...unique(
      volumes.map((volume) => volume.blockDevice?.path),
      (index) => `${volumesPath}[${index}].blockDevice.path`,
    ),
    ...namesOf(mountsPath, mounts),
    ...mounts.flatMap((mount, index) => [
      ...absolute(`${mountsPath}[${index}].mountPath`, mount.mountPath),
      ...(names.has(mount.name) || mount.name.trim() === ''
        ? []
        : [{ path: `${mountsPath}[${index}].name`, message: `names no volume: "${mount.name}"` }]),
    ]),
    ...unique(
      mounts.map((mount) => mount.mountPath),
      (index) => `${mountsPath}[${index}].mountPath`,
    ),
  ];
}

export function validateNetwork(spec: VmSpecInput): Violation[] {
  const ports = (spec.network?.ports ?? []).map((port) => ({
    ...port,
    hostPort: port.hostPort ?? 0,
    protocol: port.protocol ?? ('tcp' as const),
  }));
  const path = 'spec.network.ports';
  if (spec.network?.mode === 'none' && ports.length > 0)
    return [{ path, message: 'need a network; the mode is none' }];
  if (spec.network?.name !== undefined && (spec.network.mode ?? 'cni') !== 'cni')
    return [{ path: 'spec.network.name', message: `is for the mode cni, not ${spec.network.mode}` }];
  if (spec.network?.hostLoopback === true && (spec.network.mode ?? 'user') !== 'user')
    return [{ path: 'spec.network.hostLoopback', message: `is for the mode user, not ${spec.network.mode}` }];
  if (ports.length > LIMITS.ports) return [{ path, message: `are more than ${LIMITS.ports}` }];
  return ports.flatMap((port, index) => {
    const other = ports.findIndex((earlier, at) => at < index && portsCollide(earlier, port));
    return other < 0
      ? []
      : [{ path: `${path}[${index}]`, message: `(${formatPort(port)}) takes the host port of [${other}]` }];
  });
}

function validateCopyFiles(files: NonNullable<VmSpecInput['copyFiles']>): Violation[] {
  const path = 'spec.copyFiles';
  if (files.length > LIMITS.copyFiles) return [{ path, message: `are more than ${LIMITS.copyFiles}` }];
  return files.flatMap((file, index) => [
    ...absolute(`${path}[${index}].hostPath`, file.hostPath),
    ...absolute(`${path}[${index}].vmPath`, file.vmPath),
  ]);
}

function namesOf(path: string, items: readonly { readonly name: string }[]): Violation[] {
  const at = (index: number) => `${path}[${index}].name`;
  const names = items.map((item) => item.name.trim());
  return [
    ...names.flatMap((name, index) =>
      name === '' ? [{ path: at(index), message: 'must not be blank' }] : [],
    ),
    ...unique(
      names.map((name) => (name === '' ? undefined : name)),
      at,
    ),
  ];
}

function absolute(path: string, value: string): Violation[] {
  if (value.startsWith('/') && !value.includes('\0')) return [];
  return [{ path, message: `must be an absolute path, not "${value.slice(0, 80)}"` }];
}

function unique(values: readonly (string | undefined)[], path: (index: number) => string): Violation[] {
  return values.flatMap((value, index) =>
    value !== undefined && values.indexOf(value) < index
      ? [{ path: path(index), message: `is there twice: "${value.slice(0, 80)}"` }]
      : [],
  );
}
