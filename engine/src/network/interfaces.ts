// The NICs of a VM as its guest is configured with them, whatever carries their frames.
import type { BoundNic, GuestInterface } from './port.ts';

/** The interfaces of a NIC in the guest's order; none where nothing was given yet. */
export function interfacesOf(nic: BoundNic): readonly GuestInterface[] {
  return nic.mode === 'cni' || nic.mode === 'docker-bridge' ? (nic.given ?? []) : [nic];
}

/** Addresses of a NIC; none where nothing was given yet. */
export function addressesOf(nic: BoundNic): readonly string[] {
  return interfacesOf(nic).flatMap(({ address }) => address ?? []);
}
