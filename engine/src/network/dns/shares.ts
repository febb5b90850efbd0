// A bounded thing that several guests use: none may take so much of it that others get nothing.

interface Shares {
  /** One more for `who`; false: it has its share, or all are taken. */
  take(who: string): boolean;
  /** Gives one back. */
  give(who: string): void;
}

/** @param most for all together @param each for one */
export function createShares(most: number, each: number): Shares {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    take(who) {
      const own = taken.get(who) ?? 0;
      if (all >= most || own >= each) return false;
      taken.set(who, own + 1);
      all += 1;
      return true;
    },
    give(who) {
      const own = taken.get(who) ?? 0;
      if (own > 1) taken.set(who, own - 1);
      else taken.delete(who);
      all -= 1;
    },
  };
}
