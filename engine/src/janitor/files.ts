// Folders of ours that belong to nothing: run folders of slots without a VM, what is left in the trash, folders of VMs
// that were never made. Images, kernels, volumes and disks of VMs are never looked at.
import type { State } from '../state/index.ts';
import type { Supervisor } from '../supervisor/port.ts';
import type { Finder, Found } from './broom.ts';

const ADOPT_MS = 2_000;

/** Finds these folders. @param runFolder path of the run folder of a slot */
export function strayFiles(
  state: Pick<State, 'orphanSlots' | 'vms' | 'trash' | 'runRoot'>,
  supervisor: Pick<Supervisor, 'adopt'>,
  runFolder: (slot: number) => string,
): Finder {
  return async () => [
    ...(await orphans(state, supervisor, runFolder)),
    ...(await state.trash.list()).map(
      (name): Found => ({
        kind: 'trash',
        name,
        why: 'a removal could not delete it',
        remove: () => state.trash.delete(name),
      }),
    ),
    ...state.vms.uncommitted().map(
      (name): Found => ({
        kind: 'vm-folder',
        name,
        why: 'it has no record, and was not undone when the daemon started: its journal cannot be read, or its name is none of ours',
      }),
    ),
  ];
}

async function orphans(
  state: Pick<State, 'orphanSlots'>,
  supervisor: Pick<Supervisor, 'adopt'>,
  runFolder: (slot: number) => string,
): Promise<readonly Found[]> {
  const dead = await deadSlots(state, supervisor, runFolder);
  return (await state.orphanSlots()).map(({ slot, clear }): Found => {
    const stray = { kind: 'run-folder', name: runFolder(slot) } as const;
    if (!dead.has(slot)) return { ...stray, why: 'a VM runs there that has no record' };
    return { ...stray, why: `run folder of slot ${slot}, which no VM has`, remove: clear };
  });
}

/** Slots that no record names and in which nothing runs: what is left of them belongs to nobody. */
export async function deadSlots(
  state: Pick<State, 'orphanSlots'>,
  supervisor: Pick<Supervisor, 'adopt'>,
  runFolder: (slot: number) => string,
): Promise<ReadonlySet<number>> {
  const orphans = await state.orphanSlots();
  const alive = await Promise.all(orphans.map(({ slot }) => isAliveAt(supervisor, runFolder(slot))));
  return new Set(orphans.filter((_, index) => alive[index] === false).map(({ slot }) => slot));
}

/** One that does not answer may live. */
async function isAliveAt(supervisor: Pick<Supervisor, 'adopt'>, folder: string): Promise<boolean> {
  try {
    const handle = await supervisor.adopt(folder, AbortSignal.timeout(ADOPT_MS));
    handle?.close();
    return handle !== undefined;
  } catch {
    return true;
  }
}
