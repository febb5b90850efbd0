// Containers of supervisors of ours whose VM is gone: their labels name this engine and a slot.
import type { Supervisor } from '../supervisor/port.ts';
import type { Finder } from './broom.ts';

/** @param isUsed whether a slot belongs to a VM, or to one that is being made */
export function strayContainers(
  supervisor: Pick<Supervisor, 'containers' | 'removeContainer'>,
  isUsed: (slot: number) => boolean,
): Finder {
  return async (signal) =>
    (await supervisor.containers(signal))
      .filter(({ slot }) => !isUsed(slot))
      .map(({ runtime, name, slot }) => ({
        kind: 'container',
        name: `${runtime}/${name}`,
        why: `container of slot ${slot}, which no VM has`,
        remove: async (signal) => {
          if (!isUsed(slot)) await supervisor.removeContainer({ runtime, name }, signal);
        },
      }));
}
