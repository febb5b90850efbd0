// A VM under the names of Docker's `ps --format`, and under our own.
import { displayAge } from '@ignite/api/ages';
import { formatPorts } from '@ignite/api/ports';
import { displaySize, parseSize } from '@ignite/api/sizes';
import type { VmDocument } from '@ignite/client';
import type { GoValue } from '../template/index.ts';
import { asGoValue } from './go-values.ts';
import { createdAgo, kernelName, portsOf, vmStatus } from './vm-facts.ts';

/** Fields by name; headers of `table` are made from the names. */
export function dockerVm(vm: VmDocument, now: Date): Readonly<Record<string, GoValue>> {
  const { metadata, spec, status } = vm;
  const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return {
    ID: metadata.uid,
    UID: metadata.uid,
    Names: metadata.name,
    Name: metadata.name,
    Image: spec.image.oci,
    Kernel: kernelName(vm),
    Command: `"${[...(spec.entrypoint ?? []), ...(spec.command ?? [])].join(' ')}"`,
    CreatedAt: metadata.created,
    RunningFor: createdAgo(metadata.created, now),
    Uptime: status.startTime === undefined ? '' : displayAge(status.startTime, now),
    Status: vmStatus(vm, now),
    State: status.state,
    Ports: formatPorts(portsOf(vm)),
    IPs: status.network.ipAddresses.join(', '),
    CPUs: spec.cpus,
    Memory: displaySize(parseSize(spec.memory)),
    Size: displaySize(parseSize(spec.diskSize)),
    Networks: spec.network.mode,
    Labels: labels.join(','),
    LabelMap: asGoValue(metadata.labels ?? {}),
    Mounts: (spec.storage?.volumeMounts ?? []).map((mount) => mount.mountPath).join(','),
    LocalVolumes: String(spec.storage?.volumes?.length ?? 0),
    Mode: vm.bound?.mode ?? spec.boot,
    VMM: vm.bound?.driver ?? '',
  };
}
