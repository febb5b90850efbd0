// Giving a VM another name: from now on in every list, in the guest from its next start on.
import { IgniteError } from '@ignite/api';
import { checkVmName } from '@ignite/api/names';
import { API_MANAGER } from './intent.ts';
import type { LiveVm } from './live-vm.ts';
import type { OperationRooms } from './operations.ts';
import type { VmTable } from './vm-table.ts';

/**
 * Renames a VM. Its own name is no error.
 * @throws IgniteError `api/invalid-name`, `vm/name-taken`, `vm/managed` where a source holds it, `vm/not-found` when it was
 *   removed meanwhile
 */
export async function renameVm(
  vm: LiveVm,
  name: string,
  table: VmTable,
  { queues, rooms }: OperationRooms,
  signal: AbortSignal,
): Promise<void> {
  checkVmName(name);
  const { uid, name: before } = vm.record.metadata;
  if (name === before) return;
  using _held = table.reserve(name, `rename-${uid}`);
  const operate = async () => {
    if (vm.record.manager !== API_MANAGER)
      throw new IgniteError('vm/managed', `${before} is managed by ${vm.record.manager}`);
    if (vm.removed) throw new IgniteError('vm/not-found', `${before} has been removed`);
    const { record } = vm;
    const renamed = { ...record, metadata: { ...record.metadata, name } };
    await rooms.state.vms.put(renamed);
    vm.record = renamed;
    for (const nic of renamed.bound.nics) rooms.network.rename(nic, name);
  };
  await queues.run(uid, operate, { signal });
}
