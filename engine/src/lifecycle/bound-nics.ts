// NICs on their way into the record: copies of the network room's, in the record's own types.
import type { VmRecord } from '@ignite/api';
import type { BoundNic, GivenInterface } from '../network/index.ts';

/** The NIC as the record keeps it. */
export function storedNic(nic: BoundNic): VmRecord['bound']['nics'][number] {
  const ports = [...nic.ports];
  if (nic.mode !== 'cni' && nic.mode !== 'docker-bridge') return { ...nic, dns: [...nic.dns], ports };
  const { given, ...rest } = nic;
  return { ...rest, ports, ...(given === undefined ? {} : { given: given.map(storedInterface) }) };
}

function storedInterface({ further, routes, ...one }: GivenInterface) {
  return {
    ...one,
    dns: [...one.dns],
    ...(further === undefined ? {} : { further: [...further] }),
    ...(routes === undefined ? {} : { routes: [...routes] }),
  };
}
