// Digests that running work needs, so that garbage collection leaves them alone. In memory: a crash ends the work, too.

/** What is held at one moment. */
interface Held {
  has(digest: string): boolean;
}

export interface Pins extends Held {
  /** Holds the digests until disposed. */
  hold(digests: Iterable<string>): Disposable;
  /** Holds everything until disposed, for work that learns digests only as it goes. */
  holdAll(): Disposable;
  /** What is held now; what comes and goes later changes nothing in it. */
  now(): Held;
}

const EVERYTHING = '*';

/** Makes an empty set of pins. */
export function createPins(): Pins {
  const counts = new Map<string, number>();
  const add = (digest: string, change: 1 | -1) => {
    const count = (counts.get(digest) ?? 0) + change;
    if (count === 0) counts.delete(digest);
    else counts.set(digest, count);
  };
  const hold = (digests: Iterable<string>): Disposable => {
    const held = [...digests];
    for (const digest of held) add(digest, 1);
    return {
      [Symbol.dispose]() {
        for (const digest of held.splice(0)) add(digest, -1);
      },
    };
  };
  return {
    hold,
    holdAll: () => hold([EVERYTHING]),
    has: heldIn(counts),
    now: () => ({ has: heldIn(new Set(counts.keys())) }),
  };
}

function heldIn(held: Held): Held['has'] {
  return (digest) => held.has(digest) || held.has(EVERYTHING);
}
