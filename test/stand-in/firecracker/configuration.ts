// Whether Firecracker would boot a configuration file: each section by its fields, and what must fit together.
import { drive, networkInterface, sections } from './objects.ts';
import { type Fields, isRecord } from '../rules.ts';
import { fieldFaults } from './rules.ts';

/** x86_64 has so many interrupts for devices (its docs: 19 lines, two taken by VMGenID and VMClock). */
const MAX_DEVICES = 17;
const REQUIRED = ['boot-source', 'drives'] as const;

/** What is wrong with a configuration file; empty where Firecracker `1.<minor>` would boot it. */
export function configurationFaults(configuration: unknown, minor: number): readonly string[] {
  if (!isRecord(configuration)) return ['it is no object'];
  const missing = REQUIRED.filter((name) => !(name in configuration)).map(
    (name) => `missing field \`${name}\``,
  );
  const faults = Object.entries(configuration).flatMap(([name, value]) => {
    if (name === 'drives') return listFaults(name, value, drive, minor, 'drive_id');
    if (name === 'network-interfaces') return listFaults(name, value, networkInterface, minor, 'iface_id');
    const fields = sections[name];
    return fields === undefined ? [`${name} is no section`] : fieldFaults(name, value, fields, minor);
  });
  return [...missing, ...faults, ...together(configuration)];
}

function listFaults(
  name: string,
  value: unknown,
  fields: Fields,
  minor: number,
  key: string,
): readonly string[] {
  if (!Array.isArray(value)) return [`${name} is no list`];
  const ids = idsOf(value, key);
  const twice = new Set(ids).size < ids.length ? [`${name}: an id is there twice`] : [];
  return [...twice, ...value.flatMap((item: unknown) => fieldFaults(name, item, fields, minor))];
}

/** What no field shows by itself. */
function together(configuration: Readonly<Record<string, unknown>>): readonly string[] {
  const drives = listOf(configuration['drives']);
  const nics = listOf(configuration['network-interfaces']);
  const served = isRecord(configuration['mmds-config']) ? configuration['mmds-config'] : {};
  const ids = idsOf(nics, 'iface_id');
  const macs = idsOf(nics, 'guest_mac').filter((mac) => mac !== undefined);
  const strange = listOf(served['network_interfaces']).filter((id) => !ids.includes(id));
  const single = ['vsock', 'entropy', 'balloon'].filter((name) => name in configuration);
  return [
    ...(drives.filter((one) => isRecord(one) && one['is_root_device'] === true).length > 1
      ? ['A root block device already exists!']
      : []),
    ...(new Set(macs).size < macs.length ? ['The MAC address is already in use'] : []),
    ...strange.map((id) => `mmds-config: ${String(id)} is no network interface`),
    ...(drives.length + nics.length + single.length > MAX_DEVICES ? ['more devices than interrupts'] : []),
  ];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function idsOf(list: readonly unknown[], key: string): readonly unknown[] {
  return list.map((item) => (isRecord(item) ? item[key] : undefined));
}
