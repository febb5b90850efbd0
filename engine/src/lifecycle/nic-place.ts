// In which network namespace the VMM finds each NIC: one that opens all taps in one namespace gets them in that of the first.
import type { AttachedNic, NicPlace } from '../network/index.ts';
import { driverOf } from './connect/control.ts';
import type { LiveVm } from './live-vm.ts';
import type { Rooms } from './rooms.ts';

type PlaceRooms = Pick<Rooms, 'drivers' | 'network'>;

/** The namespace that all taps must be in; undefined where each is in its network's. */
async function commonNamespace(
  vm: LiveVm,
  rooms: PlaceRooms,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { nics, slot } = vm.record.bound;
  if (nics.length < 2 || driverOf(vm, rooms)?.capabilities.oneNamespace !== true) return undefined;
  // A namespace that others made for this VM holds what they gave; ours can be led into it.
  const given = nics.findIndex(({ mode }) => mode === 'cni' || mode === 'docker-bridge');
  const index = Math.max(given, 0);
  const [first] = nics.slice(index);
  if (first === undefined) return undefined;
  const place = await rooms.network.placeOf(first, { slot, nic: index }, signal);
  return 'netns' in place ? place.netns : undefined;
}

/** The place of each NIC. */
export async function nicPlaces(
  vm: LiveVm,
  rooms: PlaceRooms,
  signal: AbortSignal,
): Promise<readonly NicPlace[]> {
  const joined = await commonNamespace(vm, rooms, signal);
  const { nics, slot } = vm.record.bound;
  return nics.map((_, nic) => (joined === undefined ? { slot, nic } : { slot, nic, joined }));
}

/** Each NIC as it is attached. */
export async function attachedNics(
  vm: LiveVm,
  rooms: PlaceRooms,
  signal: AbortSignal,
): Promise<AttachedNic[]> {
  const places = await nicPlaces(vm, rooms, signal);
  const found = vm.record.bound.nics.map((nic, index) =>
    rooms.network.placeOf(nic, { slot: vm.record.bound.slot, ...places[index] }, signal),
  );
  return Promise.all(found);
}
