// Opens the lifecycle: recovers, adopts what runs, starts what should, and answers.
import { describeVm } from './describe-vm.ts';
import { createDoor } from './door.ts';
import { createQueue } from '../host/index.ts';
import { createLimiter } from './limiter.ts';
import { wantsToRun } from './intent.ts';
import { type LiveVm, liveVm } from './live-vm.ts';
import { careForNetwork } from './network-care.ts';
import type { OperationRooms } from './operations.ts';
import { createVmQueues } from './queue.ts';
import { adoptAll, settleAll, undoInterrupted } from './recover.ts';
import { removeOperation, startOperation } from './verbs.ts';
import { createVmTable, type VmTable } from './vm-table.ts';
import type { Vms, VmsOptions } from './vms-port.ts';
import { createWatcher } from './watcher.ts';

/** Recovers what an earlier daemon left, adopts what runs, and answers. */
export async function openVms(options: VmsOptions): Promise<Vms> {
  const { rooms, complain } = options;
  await undoInterrupted(rooms.state, complain);
  const table = createVmTable(rooms.state.vms.list().map(liveVm), rooms.state.vms.broken());
  const engine = createEngine(table, options);
  const outOfReach = await adoptAll(table.all(), rooms, engine.watch, complain);
  const known = table.all().filter((vm) => !outOfReach.has(vm)); // of the others nobody may say that they ended
  await careForNetwork({ network: rooms.network, vms: table.all, complain, signal: options.signal });
  for (const vm of await settleAll(known, engine, complain)) table.drop(vm.record.metadata.uid);
  for (const vm of known) startAgain(vm, engine, options);
  return createDoor(table, engine, options);
}

function createEngine(table: VmTable, options: VmsOptions): OperationRooms {
  const { rooms, complain, onEvent, signal } = options;
  const engine: OperationRooms = {
    rooms,
    queues: createVmQueues(),
    boots: createLimiter(options.bootsAtOnce),
    choose: createQueue(),
    takenNics: table.takenNics,
    all: table.all,
    hostPaths: options.hostPaths,
    watch: createWatcher(() => engine, {
      ended: (vm) => onEvent('die', describeVm(vm)),
      restart: (vm, restarts) => startOperation(vm, engine, options, { restarts, by: 'policy' }),
      changed: (vm, what) => onEvent(what, describeVm(vm)),
      remove: (vm) => removeOperation(vm, table, engine, options),
      complain: (vm, error) => complain(`After the end of ${vm.record.metadata.name}`, error),
      signal,
    }),
  };
  return engine;
}

/** After a reboot of the host `always` and `unless-stopped` come back. */
function startAgain(vm: LiveVm, engine: OperationRooms, options: VmsOptions): void {
  const { spec, history, metadata, override } = vm.record;
  const policy = spec.restartPolicy.name;
  const held = override?.running === false;
  const wanted = (policy === 'always' && !held) || (policy === 'unless-stopped' && wantsToRun(vm.record));
  if (vm.handle !== undefined || !wanted || history.lastStart === undefined) return;
  startOperation(vm, engine, options, { restarts: 0, by: 'policy' }).catch((error: unknown) =>
    options.complain(`Could not start ${metadata.name} again`, error),
  );
}
