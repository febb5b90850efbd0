// Rules for volumes, mounts, files to copy and caps: API-R03 to API-R05, and what the original did not check.
import type { VmSpecInput } from '../kinds/vm-spec.ts';
import { DEFAULTS, LIMITS } from '../limits.ts';
import { isVolumeName } from '../names/index.ts';
import { displaySize } from '../sizes.ts';
import type { Violation } from './violation.ts';

type Volumes = NonNullable<NonNullable<VmSpecInput['storage']>['volumes']>;
type Mounts = NonNullable<NonNullable<VmSpecInput['storage']>['volumeMounts']>;

const VOLUMES = 'spec.storage.volumes';
const MOUNTS = 'spec.storage.volumeMounts';
/** What `spec.storage.volumes[]` can be made of. */
const SOURCES = ['blockDevice', 'volume', 'hostFolder'] as const;

/** Violations in what the spec says about volumes, mounts and copied files. */
export function validateStorage(spec: VmSpecInput): Violation[] {
  const volumes = spec.storage?.volumes ?? [];
  const mounts = spec.storage?.volumeMounts ?? [];
  const tmpfs = spec.tmpfs ?? [];
  const paths = [...mounts.map(({ mountPath }) => mountPath), ...tmpfs.map(({ path }) => path)];
  const at = (index: number) =>
    index < mounts.length ? `${MOUNTS}[${index}].mountPath` : `spec.tmpfs[${index - mounts.length}].path`;
  return [
    ...validateCopyFiles(spec.copyFiles ?? []),
    ...tooMany(VOLUMES, volumes.length, LIMITS.volumes),
    ...tooMany('spec.tmpfs', tmpfs.length, LIMITS.tmpfs),
    ...namesOf(VOLUMES, volumes),
    ...volumes.flatMap((volume, index) => validateSource(volume, `${VOLUMES}[${index}]`)),
    ...uniqueSources(volumes),
    ...validateMounts(volumes, mounts),
    ...withoutMount(volumes, mounts),
    ...paths.flatMap((path, index) => mountPoint(at(index), path)),
    ...unique(
      paths.map((path) => path.replace(/(.)\/+$/, '$1')),
      at,
    ),
  ];
}

/** Zero and absent pass, as for all sizes (API-V05 to API-V07). */
export function validateCaps({ resources = {}, network }: VmSpecInput): Violation[] {
  const { diskIops, diskBandwidth, networkBandwidth } = resources;
  const least = (name: string, value: number | undefined, bound: number, show: (value: number) => string) =>
    !value || value >= bound
      ? []
      : [{ path: `spec.resources.${name}`, message: `must be at least ${show(bound)}, not ${show(value)}` }];
  return [
    ...least('diskIops', diskIops, LIMITS.diskIopsMin, String),
    ...least('diskBandwidth', diskBandwidth, LIMITS.bandwidthMinBytes, displaySize),
    ...least('networkBandwidth', networkBandwidth, LIMITS.bandwidthMinBytes, displaySize),
    ...least('cpuLimit', resources.cpuLimit, LIMITS.cpuLimitMin, String),
    ...least('pids', resources.pids, DEFAULTS.leastPids, String),
    ...(networkBandwidth && (network?.mode === 'user' || network?.mode === 'none')
      ? [
          {
            path: 'spec.resources.networkBandwidth',
            message: `cannot be kept by the network ${network.mode}`,
          },
        ]
      : []),
  ];
}

function validateSource(volume: Volumes[number], path: string): Violation[] {
  const [source, second] = SOURCES.filter((name) => volume[name] !== undefined);
  if (source === undefined) return [{ path: `${path}.blockDevice`, message: 'must be there' }];
  if (second !== undefined)
    return [{ path: `${path}.${second}`, message: `must not be there beside ${source}` }];
  const { blockDevice, hostFolder, volume: named } = volume;
  if (named !== undefined && !isVolumeName(named.name))
    return [
      { path: `${path}.volume.name`, message: `"${named.name.slice(0, 80)}" cannot be a volume's name` },
    ];
  if (blockDevice !== undefined) return absolute(`${path}.blockDevice.path`, blockDevice.path);
  return hostFolder === undefined ? [] : absolute(`${path}.hostFolder.path`, hostFolder.path);
}

/** One device or volume, twice in one VM, would be written by two file systems at once. */
function uniqueSources(volumes: Volumes): Violation[] {
  return [
    ...unique(
      volumes.map((volume) => volume.blockDevice?.path),
      (index) => `${VOLUMES}[${index}].blockDevice.path`,
    ),
    ...unique(
      volumes.map((volume) => volume.volume?.name),
      (index) => `${VOLUMES}[${index}].volume.name`,
    ),
  ];
}

function validateMounts(volumes: Volumes, mounts: Mounts): Violation[] {
  const names = new Set(volumes.map((volume) => volume.name));
  return [
    ...namesOf(MOUNTS, mounts),
    ...mounts.flatMap((mount, index) =>
      names.has(mount.name) || mount.name.trim() === ''
        ? []
        : [{ path: `${MOUNTS}[${index}].name`, message: `names no volume: "${mount.name}"` }],
    ),
  ];
}

/** A drive that the guest does not mount is one it can format; a folder that is mounted nowhere is nothing. */
function withoutMount(volumes: Volumes, mounts: Mounts): Violation[] {
  return volumes.flatMap(({ name, hostFolder }, index) =>
    hostFolder === undefined || mounts.some((mount) => mount.name === name)
      ? []
      : [
          {
            path: `${VOLUMES}[${index}].hostFolder`,
            message: 'is mounted nowhere: volumeMounts must name it',
          },
        ],
  );
}

function validateCopyFiles(files: NonNullable<VmSpecInput['copyFiles']>): Violation[] {
  const path = 'spec.copyFiles';
  if (files.length > LIMITS.copyFiles) return tooMany(path, files.length, LIMITS.copyFiles);
  return files.flatMap((file, index) => [
    ...absolute(`${path}[${index}].hostPath`, file.hostPath),
    ...absolute(`${path}[${index}].vmPath`, file.vmPath),
  ]);
}

function tooMany(path: string, count: number, most: number): Violation[] {
  return count > most ? [{ path, message: `are more than ${most}` }] : [];
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

/** A mount over the root, or one that climbs out of where it seems to be, hides what the guest needs. */
function mountPoint(path: string, value: string): Violation[] {
  const wrong = absolute(path, value);
  if (wrong.length > 0) return wrong;
  const parts = value.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length > 0 && !parts.includes('..')) return [];
  return [{ path, message: `must be a folder below /, not "${value.slice(0, 80)}"` }];
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
