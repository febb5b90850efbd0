// Puts the janitor together: every place where something of this engine may be left, and how its owner is found out.
import { createQueue, type Commands, readMountInfo } from '../host/index.ts';
import {
  createJanitor,
  deadSlots,
  type Janitor,
  strayCgroups,
  strayContainers,
  strayFiles,
  strayMounts,
  strayProcesses,
  straySnapshots,
} from '../janitor/index.ts';
import { type Rooms, snapshotPrefix, type Vms } from '../lifecycle/index.ts';
import { networkStrays } from '../network/index.ts';
import { runFile } from '../state/index.ts';

/** The janitor of an engine. What a VM has, stopped or not, it clears up by itself: only slots that no VM has are looked at. */
export function openJanitor(
  {
    state,
    cgroups,
    disks,
    network,
    supervisor,
  }: Pick<Rooms, 'state' | 'cgroups' | 'disks' | 'network' | 'supervisor'>,
  vms: Pick<Vms, 'list'>,
  commands: Commands,
  isRoot: boolean,
): Janitor {
  const { root, runRoot, instance, ordinal } = state;
  const runFolder = (slot: number) => runFile(runRoot, 'slot', { slot });
  const links = async () => (await network.list()).map(({ link }) => link);
  const used = async () => {
    const dead = await deadSlots(state, supervisor, runFolder);
    const isNamed = (slot: number) => state.vms.list().some(({ bound }) => bound.slot === slot);
    return (slot: number) => isNamed(slot) || (state.slots.has(slot) && !dead.has(slot));
  };
  const addresses = () => {
    const all = vms.list();
    if (all.some(({ bound }) => bound === undefined)) return undefined;
    return new Set(all.flatMap(({ status }) => status.network.ipAddresses));
  };
  return createJanitor(
    [
      async (signal) => strayContainers(supervisor, await used())(signal),
      async (signal) => strayProcesses(runRoot, await used())(signal),
      strayMounts({ root, runRoot }, commands, readMountInfo),
      async (signal) => strayCgroups(cgroups, await used())(signal),
      async (signal) =>
        isRoot
          ? networkStrays({ commands, instance, ordinal, links, isUsed: await used(), addresses }, signal)
          : [],
      straySnapshots(disks.snapshots, snapshotPrefix(instance), (uid) =>
        vms.list().some(({ metadata }) => metadata.uid === uid),
      ),
      strayFiles(state, supervisor, runFolder),
    ],
    createQueue(),
  );
}
