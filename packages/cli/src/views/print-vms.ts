// A list of VMs, as `ps` and `get` print it.
import type { VmDocument } from '@ignite/client';
import type { CommandContext } from '../context.ts';
import { dockerVm } from './docker-vm.ts';
import { printList } from './print-list.ts';
import { VM_COLUMNS, vmRows } from './vm-facts.ts';

/** Prints VMs in the order they have, as `-q`, `-o`, `--format` or nothing of these say. */
export async function printVms(context: CommandContext, vms: readonly VmDocument[]): Promise<void> {
  const now = context.host.now();
  await printList(context, {
    items: vms,
    uid: (vm) => vm.metadata.uid,
    columns: VM_COLUMNS,
    row: vmRows(now),
    docker: (vm) => dockerVm(vm, now),
  });
}
