// Steps that remove what a run, or the VM itself, has on the host.
import { join } from 'node:path';
import { takeBack } from '../../host/index.ts';
import { clearRunFiles } from '../../state/index.ts';
import { removeContainers } from '../container.ts';
import { forgetFiles } from './files-archive.ts';
import type { StepContext } from './context.ts';
import { giveDrivesBack } from './drives.ts';
import { unmapRoot } from './snapshot.ts';

/** Removes the files of an ended run and takes the drives back from the VMM's user. */
export async function clearRun(context: StepContext): Promise<void> {
  const { vm, rooms, paths, journal, signal } = context;
  const { bound } = vm.record;
  if (bound.uid !== undefined && bound.disk !== undefined)
    await takeBack(join(paths.directory, bound.disk.path));
  await unmapRoot(context);
  await giveDrivesBack(context);
  await forgetFiles(context);
  await rooms.cgroups.remove(String(bound.slot));
  await journal.gone({ kind: 'cgroup', name: String(bound.slot) });
  await clearRunFiles(rooms.state, bound.slot);
  await removeContainers(vm.record.metadata.name, journal, rooms, signal); // last: its runtime may not answer
}

/** Removes the VM's folder: record, disk, logs, keys. */
export async function removeFiles({ vm, rooms, operation }: StepContext): Promise<void> {
  await rooms.state.vms.remove(vm.record.metadata.uid, operation);
}
