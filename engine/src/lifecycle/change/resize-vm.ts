// `update`: size, caps and network policy of a VM. What the host and the VMM can change while it runs takes effect at once, the
// rest at the next start; the answer says which is which, and what waits is noted as pending.
import {
  checkVm,
  displaySize,
  IgniteError,
  type NetworkPolicy,
  type VmRecord,
  type VmResources,
  type VmSpec,
} from '@ignite/api';
import { requireCapable } from '../../vmm/index.ts';
import { vmmNeeds } from '../caps.ts';
import { API_MANAGER } from '../intent.ts';
import { checkMemoryFits } from '../create/host-memory.ts';
import { driverOf } from '../connect/control.ts';
import type { LiveVm } from '../live-vm.ts';
import type { OperationRooms } from '../operations.ts';
import { diffSpec } from './diff-spec.ts';
import { applyCaps, applyDisk } from './live-size.ts';
import { updatedRecord } from './update-vm.ts';
import { mayLive } from '../not-running.ts';

/** What becomes different; absent: stays. */
export interface Resize
  extends Partial<Pick<VmSpec, 'cpus' | 'memory' | 'diskSize' | 'restartPolicy' | 'runtime'>> {
  /** By cap. */
  readonly resources?: VmResources;
  /** Caps to take away. */
  readonly clear?: readonly (keyof VmResources)[];
  /** Part of what it may reach; `allow` is all of its rules. */
  readonly policy?: NetworkPolicy;
}

export interface Resized {
  /** Paths of spec that hold now. */
  readonly live: readonly string[];
  /** Paths of spec that hold from the next start on. */
  readonly atNextStart: readonly string[];
}

/**
 * Changes a VM, alone in its queue.
 * @throws IgniteError `api/invalid-object`, `vm/more-than-host`, `disks/shrink`, `vmm/lacks-capability`, `host/cannot-limit`,
 *   `network/cannot-limit`, `vm/managed` before anything is written; `vmm/…`, `guest/…` where the running VM did not
 *   take its larger disk, which then waits for the next start
 */
export function resizeVm(
  vm: LiveVm,
  resize: Resize,
  engine: OperationRooms,
  signal: AbortSignal,
): Promise<Resized> {
  return engine.queues.run(vm.record.metadata.uid, (signal) => resizeNow(vm, resize, engine, signal), {
    signal,
  });
}

async function resizeNow(
  vm: LiveVm,
  resize: Resize,
  engine: OperationRooms,
  signal: AbortSignal,
): Promise<Resized> {
  const { record: before } = vm;
  mayChange(vm);
  const spec = resizedSpec(before.spec, resize);
  const changed = diffSpec(before.spec, spec);
  if (changed.length === 0) return { live: [], atNextStart: [] };
  requireGrowth(before, spec);
  checkVm({ metadata: before.metadata, spec });
  if (spec.memory !== before.spec.memory) await checkMemoryFits(spec.memory, before.metadata.name);
  const driver = driverOf(vm, engine.rooms);
  if (driver !== undefined) requireCapable(driver, vmmNeeds(spec), engine.rooms.drivers);
  const paths = changed.map(({ path }) => path);
  const next = updatedRecord(before, { spec }, mayLive(vm));
  const live = new Set(changed.filter(({ effect }) => effect === 'live').map(({ path }) => path));
  for (const path of await applyCaps(vm, next, paths, engine.rooms, signal)) live.add(path);
  await put(vm, withoutPending(next, live), engine);
  // Device-mapper's tables are made at a start.
  const growsNow = vm.handle !== undefined && before.bound.disk?.means !== 'device-mapper';
  if (growsNow && paths.includes('spec.diskSize')) {
    await put(
      vm,
      withoutPending(await applyDisk(vm, engine.rooms, signal), new Set(['spec.diskSize'])),
      engine,
    );
    live.add('spec.diskSize');
  }
  return { live: [...live], atNextStart: paths.filter((path) => !live.has(path)) };
}

/** The spec afterwards. Pure. */
export function resizedSpec(spec: VmSpec, { resources, clear = [], policy, ...fields }: Resize): VmSpec {
  const caps = Object.entries({ ...spec.resources, ...resources }).filter(
    ([name]) => !clear.some((one) => one === name),
  );
  const { resources: _before, ...rest } = spec;
  return {
    ...rest,
    ...fields,
    ...(policy === undefined
      ? {}
      : { network: { ...spec.network, policy: { ...spec.network.policy, ...policy } } }),
    ...(caps.length === 0 ? {} : { resources: Object.fromEntries(caps) as VmResources }), // the same keys
  };
}

function mayChange({ record, removed }: LiveVm): void {
  const { name } = record.metadata;
  if (removed) throw new IgniteError('vm/not-found', `${name} has been removed`);
  if (record.manager !== API_MANAGER)
    throw new IgniteError('vm/managed', `${name} is managed by ${record.manager}`);
}

function requireGrowth({ metadata, bound }: VmRecord, { diskSize }: VmSpec): void {
  const now = bound.disk?.bytes ?? 0;
  if (diskSize >= now) return;
  throw new IgniteError(
    'disks/shrink',
    `The disk of ${metadata.name} has ${displaySize(now)} and cannot become ${displaySize(diskSize)}`,
  );
}

function withoutPending(record: VmRecord, done: ReadonlySet<string>): VmRecord {
  const { pending = [], ...history } = record.history;
  const left = pending.filter((path) => !done.has(path));
  return { ...record, history: { ...history, ...(left.length === 0 ? {} : { pending: left }) } };
}

async function put(vm: LiveVm, record: VmRecord, { rooms }: OperationRooms): Promise<void> {
  await rooms.state.vms.put(record);
  vm.record = record;
}
