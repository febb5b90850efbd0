// Serialises the work on each VM's place on Docker's bridge: a look must not take a place again that its VM is leaving.
import { createQueue, type Queue } from '../../host/index.ts';

/** `unseen`: by this process. `lost`: somebody else has its address, or had it when it was last tried. */
type Seating = 'unseen' | 'taken' | 'left' | 'lost';

export interface Seat {
  readonly queue: Queue;
  seating: Seating;
  /** Of a lost place: looks that pass before the next try, and how many passed before the last one. */
  wait: { left: number; last: number };
}

/** The seat of the VM in a slot. */
export type Seats = (slot: number) => Seat;

/** Nobody was seen yet. */
export function createSeats(): Seats {
  const seats = new Map<number, Seat>();
  return (slot) => {
    const seat: Seat = seats.get(slot) ?? {
      queue: createQueue(),
      seating: 'unseen',
      wait: { left: 0, last: 0 },
    };
    seats.set(slot, seat);
    return seat;
  };
}
