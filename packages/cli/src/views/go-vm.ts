// A VM under the names and printed forms of the original's Go objects (PS-07, PS-09), for `-t` and `-f '{{…'`.
import type { PortMapping } from '@ignite/api';
import { formatPorts } from '@ignite/api/ports';
import type { VmDocument } from '@ignite/client';
import { type GoValue, printed, struct } from '../template/index.ts';
import { withoutScheme } from './go-image.ts';
import { asGoValue, sizeValue } from './go-values.ts';
import { portsOf } from './vm-facts.ts';

/** The VM for templates; JSON paths (`.status.network…`) work as well as the Go names. */
export function goVm(vm: VmDocument): GoValue {
  const { metadata, spec, status } = vm;
  const objectMeta = {
    Name: metadata.name,
    UID: metadata.uid,
    Created: metadata.created,
    Labels: asGoValue(metadata.labels ?? {}),
    Annotations: asGoValue(metadata.annotations ?? {}),
  };
  const id = `${status.idPrefix || 'ignite'}-${metadata.uid}`;
  return struct(
    {
      Kind: 'VM',
      APIVersion: vm.apiVersion,
      ObjectMeta: struct(objectMeta),
      Spec: goSpec(vm),
      Status: goStatus(vm),
      ...objectMeta,
      Running: status.running,
      PrefixedID: id,
      SnapshotDev: `/dev/mapper/${id}`,
      Storage: goStorage(spec.storage),
    },
    asGoValue(vm),
  );
}

function goSpec(vm: VmDocument): GoValue {
  const { spec } = vm;
  return struct(
    {
      Image: struct({ OCI: spec.image.oci }),
      Sandbox: struct({ OCI: spec.sandbox?.oci ?? '' }),
      Kernel: struct({ OCI: spec.kernel.oci ?? '', CmdLine: spec.kernel.cmdLine ?? '' }),
      CPUs: spec.cpus,
      Memory: sizeValue(spec.memory),
      DiskSize: sizeValue(spec.diskSize),
      Network: struct({ Ports: () => goPorts(portsOf(vm)) }),
      Storage: goStorage(spec.storage),
      CopyFiles: (spec.copyFiles ?? []).map(goCopyFile),
      SSH: goSsh(spec.ssh),
    },
    asGoValue(spec),
  );
}

/** `{true }`, `{false KEY}`, `<nil>` (API-T08). */
function goSsh(ssh: VmDocument['spec']['ssh']): GoValue {
  if (ssh === undefined || ssh === false) return null;
  const generate = ssh === true || ssh === 'true';
  return struct({ Generate: generate, PublicKey: generate ? '' : ssh });
}

/** Printed joined (API-T04), but a list for `index` and `range`. */
function goPorts(ports: readonly PortMapping[]): GoValue {
  const list = ports.map((port) => {
    const { bindAddress: BindAddress = '', hostPort: HostPort, vmPort: VMPort, protocol: Protocol } = port;
    const fields = struct({ BindAddress, HostPort, VMPort, Protocol }, asGoValue(port));
    return Object.assign(fields, printed(formatPorts([port])));
  });
  return Object.assign(list, printed(formatPorts(ports)));
}

function goStorage(storage: VmDocument['spec']['storage']): GoValue {
  const volumes = (storage?.volumes ?? []).map((volume) => {
    const { path } = volume.blockDevice ?? {};
    const BlockDevice = path === undefined ? null : struct({ Path: path });
    return struct({ Name: volume.name, BlockDevice }, asGoValue(volume));
  });
  const mounts = (storage?.volumeMounts ?? []).map((mount) =>
    struct({ Name: mount.name, MountPath: mount.mountPath }, asGoValue(mount)),
  );
  return struct({ Volumes: volumes, VolumeMounts: mounts }, asGoValue(storage ?? {}));
}

function goCopyFile(file: NonNullable<VmDocument['spec']['copyFiles']>[number]): GoValue {
  return struct({ HostPath: file.hostPath, VMPath: file.vmPath }, asGoValue(file));
}

function goStatus({ status }: VmDocument): GoValue {
  return struct(
    {
      Running: status.running,
      Runtime: struct({ ID: status.runtime.id, Name: status.runtime.name }),
      StartTime: status.startTime ?? null,
      Network: struct({
        Plugin: status.network.plugin,
        IPAddresses: goAddresses(status.network.ipAddresses),
      }),
      Image: goSource(status.image),
      Kernel: goSource(status.kernel),
      IDPrefix: status.idPrefix,
    },
    asGoValue(status),
  );
}

/** Printed joined (API-T06), but a list for `index` and `range`. */
function goAddresses(addresses: readonly string[]): GoValue {
  return Object.assign([...addresses], printed(addresses.join(', ')));
}

function goSource(source: VmDocument['status']['image']): GoValue {
  return struct({ ID: withoutScheme(source?.id ?? ''), Size: sizeValue(source?.size ?? '0B') });
}
