// A VM under the names and printed forms of the original's Go objects (PS-07, PS-09), for `-t` and `-f '{{…'`.
import { formatPorts } from '@ignite/api/ports';
import { displaySize, parseSize } from '@ignite/api/sizes';
import type { VmDocument } from '@ignite/client';
import { type GoValue, printed, struct } from '../template/index.ts';
import { withoutScheme } from './go-image.ts';
import { asGoValue, sizeValue } from './go-values.ts';
import { portsOf } from './vm-facts.ts';

/** The VM for templates; JSON paths (`.status.network…`) work beside the Go names. */
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
      Storage: asGoValue(spec.storage ?? {}),
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
      Network: struct({ Ports: () => printed(formatPorts(portsOf(vm))) }),
      Storage: asGoValue(spec.storage ?? {}),
      CopyFiles: asGoValue(spec.copyFiles ?? []),
      SSH: goSsh(spec.ssh),
    },
    asGoValue(spec),
  );
}

/** `{true }`, `{false KEY}`, `<nil>` (API-T08). */
function goSsh(ssh: VmDocument['spec']['ssh']): GoValue {
  if (ssh === undefined || ssh === false) return null;
  return printed(ssh === true || ssh === 'true' ? '{true }' : `{false ${ssh}}`, String(ssh));
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

/** A size as tables print it. */
export function shownSize(size: string): string {
  return displaySize(parseSize(size));
}
