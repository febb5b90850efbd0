// The door of the lifecycle: from the word a user typed to an operation and its answer.
import { IgniteError } from '@ignite/api';
import { timerMs } from '@ignite/api/durations';
import { createQueue } from '../host/index.ts';
import { signalNumber } from '../guest/index.ts';
import { addressesOf } from '../network/index.ts';
import { loadSeed } from '../state/index.ts';
import { resizeVm, updateVm } from './change/index.ts';
import { createVm, rehearseCreate } from './create/create-vm.ts';
import { describeBroken } from './describe-broken.ts';
import { describeVm } from './describe-vm.ts';
import { API_MANAGER, type Intender } from './intent.ts';
import { hostKeysOf, pinHostKeys } from './host-keys.ts';
import { haltAll } from './halt.ts';
import type { LiveVm } from './live-vm.ts';
import { newOperationId, type OperationRooms } from './operations.ts';
import { mayLive } from './not-running.ts';
import { setPaused } from './pause.ts';
import { renameVm } from './rename.ts';
import { endUnmanaged, repairVms } from './recover/repair.ts';
import type { Rooms } from './rooms.ts';
import { openSession, signalMain } from './connect/session.ts';
import { waitForSsh } from './ssh-wait.ts';
import { processesOf, refusePaused, statsOf } from './stats.ts';
import { openVmStream } from './connect/streams.ts';
import { describeUnmanaged } from './recover/unmanaged.ts';
import { endOperation, READY_TIMEOUT_SECONDS, removeOperation, startOperation } from './verbs.ts';
import { vmPaths } from './vm-paths.ts';
import type { VmTable } from './vm-table.ts';
import { createNetworkVerbs } from './network-verbs.ts';
import { createVolumeVerbs } from './volume-verbs.ts';
import type { CreateCall, SshAccess, StartCall, Vms, VmsOptions } from './vms-port.ts';
import { waitUntil } from './wait.ts';

const AGENT_DEADLINE_MS = 30_000;
const SIGKILL = 9;

/** The verbs of an engine. */
export function createDoor(table: VmTable, engine: OperationRooms, options: VmsOptions): Vms {
  const { rooms, vmDefaults, hostPaths } = options;
  const repairs = createQueue(); // of two at once each would take what the other has repaired for broken
  const creation = (call: CreateCall) => {
    const operation = newOperationId();
    const newVms = { ...options.newVms, ...call.newVms };
    return { rooms, table, choose: engine.choose, vmDefaults, hostPaths, operation, ...call, newVms };
  };
  return {
    list: () => [
      ...table.all().map(describeVm),
      ...table.broken().map(describeBroken),
      ...table.unmanaged().map(describeUnmanaged),
    ],
    inspect: (word) => describeVm(table.resolve(word)),
    look: () => table.all().map((vm) => ({ record: vm.record, vm: describeVm(vm) })),
    update: async (word, update, { signal }) => {
      const vm = table.resolve(word);
      await updateVm(vm, update, engine, signal);
      return describeVm(vm);
    },
    resize: async (word, resize, signal) => {
      const vm = table.resolve(word);
      const resized = await resizeVm(vm, resize, engine, signal);
      return { vm: describeVm(vm), ...resized };
    },
    create: async (request, call) => {
      const vm = await createVm(request, creation(call));
      options.onEvent('create', describeVm(vm));
      return describeVm(vm);
    },
    rehearse: (request, call) => rehearseCreate(request, creation(call)),
    keepFiles: async (tar, signal) => {
      const { id, bytes } = await rooms.state.uploads.keep(tar, signal);
      return { upload: id, bytes };
    },
    dropFiles: (upload) => rooms.state.uploads.drop(upload),
    start: async (word, call) => {
      const vm = table.resolve(word);
      refusePaused(vm);
      try {
        await startOperation(vm, engine, options, { call, restarts: 0, by: call.by });
        if (call.wait === 'ssh') {
          await untilSsh(vm, call);
          await hostKeysOf(vm, engine, call.signal);
        }
      } catch (error) {
        if (call.removeFailed === true) await removeFailed(vm, table, engine, options);
        throw error;
      }
      return describeVm(vm);
    },
    stop: async (word, call) => {
      const vm = table.resolve(word);
      const seconds = call.timeoutSeconds ?? vm.record.spec.stopTimeout;
      const stopSignal = call.signalName === undefined ? undefined : signalNumber(call.signalName);
      await endOperation(vm, seconds * 1000, engine, { ...call, stopSignal });
      return describeVm(vm);
    },
    idle: async () => void (await Promise.all([engine.queues.idle(), table.settled()])),
    haltAll: (asker) =>
      // VMs without a record are stopped only when the host goes down, which would cut them off.
      haltAll(engine, asker, options.complain, asker === 'host' ? table.unmanaged() : []),
    kill: async (word, call) => {
      const vm = table.resolve(word, 'no-name-prefix');
      const number = signalNumber(call.signalName ?? 'KILL');
      if (number === SIGKILL || vm.record.bound.mode === 'system')
        await endOperation(vm, undefined, engine, call);
      else await signalCommand(vm, number, rooms, call.signal);
      return describeVm(vm);
    },
    remove: async (word, force, { by }) => {
      if (force) await table.cancelCreation(word);
      const stranger = table.unmanaged().find(({ uid }) => uid === word);
      if (force && stranger !== undefined) return await endUnmanaged(stranger, table, engine, options);
      const vm = table.resolve(word, 'no-name-prefix');
      mayRemove(vm, force, by, options);
      if (!force && (mayLive(vm) || vm.activity?.kind === 'starting'))
        throw new IgniteError('vm/running', `${vm.record.metadata.name} is running`);
      const last = describeVm(vm);
      await removeOperation(vm, table, engine, options);
      return last;
    },
    wait: async (word, condition, signal) => {
      const vm = table.resolve(word);
      const { uid } = vm.record.metadata;
      const gone = () => table.byUid(uid) === undefined;
      const stopped = () => !mayLive(vm) && vm.activity === undefined;
      await waitUntil(vm, condition === 'removed' ? gone : () => gone() || stopped(), signal);
      return vm.record.history.lastEnd;
    },
    setPaused: async (word, paused, signal) => {
      const vm = table.resolve(word);
      if (await setPaused(vm, paused, engine, signal))
        options.onEvent(paused ? 'pause' : 'unpause', describeVm(vm));
      return describeVm(vm);
    },
    repair: async (words) => {
      const repaired = await repairs(() => repairVms(words, table, engine));
      for (const { uid, result } of repaired) {
        const vm = table.byUid(uid);
        if (vm !== undefined && result === 'repaired') options.onEvent('repair', describeVm(vm));
      }
      return repaired;
    },
    rename: async (word, name, signal) => {
      const vm = table.resolve(word);
      await renameVm(vm, name, table, engine, signal);
      options.onEvent('rename', describeVm(vm));
      return describeVm(vm);
    },
    stats: (word, signal) => statsOf(table.resolve(word), rooms, signal),
    processes: (word, signal) => processesOf(table.resolve(word), rooms, signal),
    stream: (word, request, signal) => openVmStream(table.resolve(word), rooms.guest, request, signal),
    logs: (word) => {
      const vm = table.resolve(word);
      const { metadata, bound } = vm.record;
      const { logs } = vmPaths(rooms.state, metadata.uid, bound.slot);
      return { directory: logs, mode: bound.mode, ended: vm.handle?.over ?? AbortSignal.abort() };
    },
    usersOf: (uid) =>
      table
        .all()
        .filter(({ record: { bound } }) => bound.imageUid === uid || bound.kernelUid === uid)
        .map(describeVm),
    volumes: createVolumeVerbs(table.all, rooms),
    networks: createNetworkVerbs(table, rooms, engine.choose),
    sshAccess: async (word, signal) => {
      const vm = table.resolve(word);
      return accessOf(vm, rooms, await hostKeysOf(vm, engine, signal));
    },
    pinHostKeys: async (word, signal) => {
      const vm = table.resolve(word);
      return accessOf(vm, rooms, await pinHostKeys(vm, engine, signal));
    },
  };
}

/** If the VM cannot be removed, that is reported with the failure of its start, never instead of it. */
async function removeFailed(
  vm: LiveVm,
  table: VmTable,
  engine: OperationRooms,
  options: VmsOptions,
): Promise<void> {
  if (vm.removed) return;
  try {
    await removeOperation(vm, table, engine, options);
  } catch (error) {
    options.complain(`Could not remove ${vm.record.metadata.name}, which did not come up`, error);
  }
}

/** A managed VM is its source's: by hand it goes only where no source would make it again. */
function mayRemove({ record }: LiveVm, force: boolean, by: Intender | undefined, options: VmsOptions): void {
  const { name } = record.metadata;
  if (record.protected === true) throw new IgniteError('vm/protected', `${name} is protected`);
  if (by === 'manager' || record.manager === API_MANAGER) return;
  if (force && options.managerActive?.(record.manager) !== true) return;
  const { file, line } = record.origin ?? {};
  const place = file === undefined ? '' : `, ${file} line ${line}`;
  throw new IgniteError('vm/managed', `${name} is managed by ${record.manager}${place}`);
}

async function signalCommand(vm: LiveVm, number: number, rooms: Rooms, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(AGENT_DEADLINE_MS)]);
  await signalMain(await openSession(vm, rooms.guest, deadline), number);
}

async function accessOf(vm: LiveVm, { state }: Rooms, hostKeys: readonly string[]): Promise<SshAccess> {
  const { sshPrivateKey } = await loadSeed(state, vm.record.metadata.uid);
  return {
    host: addressOf(vm),
    user: 'root',
    ...(sshPrivateKey === undefined ? {} : { privateKey: sshPrivateKey }),
    ...(hostKeys.length === 0 ? {} : { hostKeys }),
  };
}

async function untilSsh(vm: LiveVm, { timeoutSeconds, signal }: StartCall): Promise<void> {
  const deadline = AbortSignal.timeout(timerMs((timeoutSeconds ?? READY_TIMEOUT_SECONDS) * 1000));
  await waitForSsh(addressOf(vm), AbortSignal.any([signal, deadline]));
}

function addressOf(vm: LiveVm): string {
  const [address] = vm.record.bound.nics.flatMap(addressesOf);
  if (address !== undefined) return address;
  throw new IgniteError('vm/no-network', `${vm.record.metadata.name} has no network`);
}
