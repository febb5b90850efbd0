// Shared folders at a start: an empty folder of the run for each, over which its program sees the host's.
import { makeRunFolder } from '../../state/index.ts';
import type { LaunchFolder } from '../../vmm/index.ts';
import { findFolder, requireFolderProgram, vmFolders } from '../folders.ts';
import type { StepContext } from './context.ts';

export interface PreparedFolders {
  readonly folders: readonly LaunchFolder[];
  /** argv of the program that serves each; absent: there are none. */
  readonly program?: readonly [string, ...string[]];
}

/** @throws IgniteError `volumes/folder-not-shared` where one is gone or leads elsewhere, or nothing can serve it */
export async function prepareFolders({ vm, rooms }: StepContext): Promise<PreparedFolders> {
  const shared = vmFolders(vm.record);
  if (shared.length === 0) return { folders: [] };
  const program = await requireFolderProgram();
  const folders: LaunchFolder[] = [];
  for (const [index, folder] of shared.entries()) {
    const { tag, readOnly } = folder;
    const source = await findFolder(folder);
    const target = await makeRunFolder(rooms.state, vm.record.bound.slot, index);
    folders.push({ tag, source, target, readOnly });
  }
  return { folders, program };
}
