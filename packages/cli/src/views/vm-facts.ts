// What lists show of a VM.
import { displayAge } from '@ignite/api/ages';
import { formatPorts, type PortMapping } from '@ignite/api/ports';
import { displaySize, parseSize } from '@ignite/api/sizes';
import { describeState } from '@ignite/api/state-words';
import type { VmDocument } from '@ignite/client';

/** The original's eleven columns, NAME last (CLI rule 14). */
export const VM_COLUMNS = [
  'VM ID',
  'IMAGE',
  'KERNEL',
  'SIZE',
  'CPUS',
  'MEMORY',
  'CREATED',
  'STATUS',
  'IPS',
  'PORTS',
  'NAME',
] as const;

/** Makes rows of `ps`; of many VMs most have the same sizes and times, which are put into words once. */
export function vmRows(now: Date): (vm: VmDocument) => readonly string[] {
  const size = once((text) => displaySize(parseSize(text)));
  const age = once((created) => createdAgo(created, now));
  return (vm) => vmRow(vm, now, size, age);
}

type InWords = (text: string) => string;

function once(work: InWords): InWords {
  const known = new Map<string, string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const words = work(text);
    known.set(text, words);
    return words;
  };
}

function vmRow(vm: VmDocument, now: Date, size: InWords, age: InWords): readonly string[] {
  const { metadata, spec, status } = vm;
  return [
    metadata.uid,
    spec.image.oci,
    kernelName(vm),
    size(spec.diskSize),
    String(spec.cpus),
    size(spec.memory),
    age(metadata.created),
    vmStatus(vm, now),
    status.network.ipAddresses.join(', '),
    formatPorts(portsOf(vm)),
    metadata.name,
  ];
}

/** `Up 5m`, `Stopped (exit 1)`. */
export function vmStatus({ status }: VmDocument, now: Date): string {
  return describeState(
    {
      state: status.state,
      ...(status.startTime === undefined ? {} : { startTime: status.startTime }),
      ...(status.detail === undefined ? {} : { detail: status.detail }),
      ...(status.health === undefined ? {} : { health: status.health }),
    },
    now,
  );
}

/** Age with " ago", but not for what is unknown (PS-05). */
export function createdAgo(created: string, now: Date): string {
  const age = displayAge(created, now);
  return age.startsWith('<') ? age : `${age} ago`;
}

/** Published ports, random ones as chosen. */
export function portsOf({ bound, spec }: VmDocument): readonly PortMapping[] {
  const chosen = bound?.nics.flatMap((nic) => nic.ports) ?? [];
  return chosen.length > 0 ? chosen : spec.network.ports;
}

/** The kernel that was asked for, else the one that was found. */
export function kernelName({ spec, status }: VmDocument): string {
  const found = status.kernel?.id.replace(/^(oci|docker):\/\//, '').replace(/@.*$/, '');
  return spec.kernel.oci ?? found ?? '';
}
