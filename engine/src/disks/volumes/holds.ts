// Volumes that running work needs and that must not be removed meanwhile. In memory: a crash ends the work, too.

export interface Holds {
  hold(name: string): Disposable;
  has(name: string): boolean;
}

/** Nothing is held. */
export function createHolds(): Holds {
  const counts = new Map<string, number>();
  const add = (name: string, change: 1 | -1) => {
    const count = (counts.get(name) ?? 0) + change;
    if (count === 0) counts.delete(name);
    else counts.set(name, count);
  };
  return {
    hold: (name) => {
      add(name, 1);
      let held = true;
      return {
        [Symbol.dispose]() {
          if (held) add(name, -1);
          held = false;
        },
      };
    },
    has: (name) => counts.has(name),
  };
}
