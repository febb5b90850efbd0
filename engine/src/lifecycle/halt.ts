// The host goes down: all VMs are stopped in order, and no VM's intent changes. Those that should run are started again by
// the next daemon, as their restart policies say. The end is recorded as caused by the host, or by the person who asked.
import type { Report } from '@ignite/api';
import type { Asker } from './end.ts';
import type { LiveVm } from './live-vm.ts';
import { haltUnmanaged } from './recover/halt-unmanaged.ts';
import { type OperationRooms, runOperation } from './operations.ts';
import type { Unmanaged } from './recover/unmanaged.ts';

const QUIET: Report = () => {};

/**
 * Stops all VMs at the same time, each with its own grace, and lets no policy start one again. One that cannot be
 * stopped is reported and does not delay the others.
 * @param asker recorded as the cause of the ends
 * @param unmanaged VMs without a record that are to end, too
 */
export async function haltAll(
  engine: OperationRooms,
  asker: Asker,
  complain: (text: string, error: unknown) => void,
  unmanaged: readonly Unmanaged[] = [],
): Promise<void> {
  engine.halting.abort(asker);
  const orComplain = (name: string, work: Promise<void>) =>
    work.catch((error: unknown) => complain(`Could not stop ${name}`, error));
  await Promise.all([
    ...engine.all().map((vm) => orComplain(vm.record.metadata.name, halt(vm, engine, asker))),
    ...unmanaged.map((one) => orComplain(one.uid, haltUnmanaged(one, engine.rooms, engine.ending))),
  ]);
}

function halt(vm: LiveVm, engine: OperationRooms, asker: Asker): Promise<void> {
  const goal = { kind: 'stopped', graceMs: vm.record.spec.stopTimeout * 1000 } as const;
  return runOperation(vm, { verb: 'stop', goal, preempt: true, report: QUIET, asker }, engine);
}
