// What a guest may ask its VMM about its own VM, in the shape that cloud images' tools know: `/latest/meta-data/…`. Pure.
import type { VmRecord } from '@ignite/api';
import { addressesOf } from '../../network/index.ts';
import { METADATA_BYTES } from '../../vmm/index.ts';
import { hostnameOf } from './guest-config.ts';

/** Nothing secret: any process of the guest may ask. Labels that make it too large are left out. */
export function selfMetadata(record: VmRecord): Readonly<Record<string, unknown>> {
  const whole = metadataOf(record, record.metadata.labels ?? {});
  return Buffer.byteLength(JSON.stringify(whole)) <= METADATA_BYTES ? whole : metadataOf(record, {});
}

function metadataOf(record: VmRecord, labels: Readonly<Record<string, string>>) {
  const { metadata, spec, bound } = record;
  const [address] = bound.nics.flatMap(addressesOf);
  const macs = bound.nics.flatMap((nic) => ('mac' in nic ? [nic.mac] : []));
  const hostname = hostnameOf(record);
  return {
    latest: {
      'meta-data': {
        'instance-id': metadata.uid,
        hostname,
        'local-hostname': hostname,
        ...(address === undefined ? {} : { 'local-ipv4': address }),
        ...(macs[0] === undefined ? {} : { mac: macs[0] }),
      },
    },
    ignite: { uid: metadata.uid, name: metadata.name, image: spec.image.oci, labels },
  };
}
