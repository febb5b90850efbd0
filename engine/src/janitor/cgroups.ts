// Control groups of slots that no VM has.
import type { Cgroups } from '../host/index.ts';
import type { Finder } from './broom.ts';

/** @param isUsed whether a slot belongs to a VM, or to one that is being made */
export function strayCgroups(cgroups: Cgroups, isUsed: (slot: number) => boolean): Finder {
  return async () => {
    const names = (await cgroups.names()).filter((name) => /^\d{1,4}$/.test(name) && !isUsed(Number(name)));
    return names.map((name) => ({
      kind: 'cgroup',
      name,
      why: `group of slot ${name}, which no VM has`,
      remove: async () => {
        if (!isUsed(Number(name))) await cgroups.remove(name);
      },
    }));
  };
}
