// Slots: the small number from which a VM's tap, uid, CID, cgroup and run folder derive (DESIGN D13).
import { IgniteError } from '@ignite/api/errors';
import { LIMITS } from '@ignite/api/limits';
import type { Slots } from './port.ts';

/** Slots of one state directory; `used` are those of records and of live claims. */
export function createSlots(used: Iterable<number>, count: number = LIMITS.slots): Slots {
  const taken = new Set(used);
  return {
    take: () => {
      for (let slot = 0; slot < count; slot += 1) {
        if (taken.has(slot)) continue;
        taken.add(slot);
        return slot;
      }
      throw new IgniteError('state/no-slot', `All ${count} places for VMs are taken`);
    },
    free: (slot) => void taken.delete(slot),
    occupy: (slot) => void taken.add(slot),
    has: (slot) => taken.has(slot),
  };
}
