// Where the content of one registry may come from: its mirrors in their order, then the registry itself. A mirror that fails
// in whatever way never hides what stands behind it; the registry's own error is the one shown.
import { isIgniteError } from '@ignite/api';
import type { Endpoint } from './endpoint.ts';

export interface Places {
  /** Whether there are mirrors at all. */
  readonly mirrored: boolean;
  /**
   * Asks one after the other until `use` succeeds.
   * @param without names of mirrors to leave out this time
   */
  first<T>(
    use: (endpoint: Endpoint, isMirror: boolean) => Promise<T>,
    without?: ReadonlySet<string>,
  ): Promise<T>;
  /**
   * Leaves out, from now on, the mirrors that an error names as senders of wrong bytes (`details.mirrors`).
   * @returns whether it names any, so that asking again asks others
   */
  avoid(error: unknown): boolean;
}

/** @param endpoints mirrors first, the registry itself last */
export function createPlaces(endpoints: readonly Endpoint[]): Places {
  const registry = endpoints.at(-1);
  const avoided = new Set<string>();
  // Somebody else's download may bring the bytes of a mirror that is avoided here already; not for ever.
  let chances = 2 * endpoints.length;
  return {
    mirrored: endpoints.length > 1,
    async first(use, without = new Set()) {
      let failure: unknown;
      for (const endpoint of endpoints) {
        const isMirror = endpoint !== registry;
        if (isMirror && (avoided.has(endpoint.name) || without.has(endpoint.name))) continue;
        try {
          return await use(endpoint, isMirror);
        } catch (error) {
          if (isIgniteError(error, 'host/cancelled')) throw error;
          failure = error;
        }
      }
      throw failure;
    },
    avoid(error) {
      const named = isIgniteError(error, 'images/digest-mismatch') ? error.details['mirrors'] : undefined;
      if (!Array.isArray(named) || named.length === 0 || chances === 0) return false;
      chances -= 1;
      for (const name of named) avoided.add(String(name));
      return true;
    },
  };
}
