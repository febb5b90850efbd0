// The places of VMs on Docker's bridge, one thing at a time for each: a look must not take a place again that a VM leaves.
import { createQueue, type Queue } from '../../host/index.ts';

/** `unseen`: by this process. `lost`: somebody else has its address; only a start of the VM helps. */
type Seating = 'unseen' | 'taken' | 'left' | 'lost';

export interface Seat {
  readonly queue: Queue;
  seating: Seating;
}

/** The seat of the VM in a slot. */
export type Seats = (slot: number) => Seat;

/** Nobody was seen yet. */
export function createSeats(): Seats {
  const seats = new Map<number, Seat>();
  return (slot) => {
    const seat: Seat = seats.get(slot) ?? { queue: createQueue(), seating: 'unseen' };
    seats.set(slot, seat);
    return seat;
  };
}
