// Gives a VM another spec, other labels or another manager: one write of its record, in its queue. What holds from the
// next start on is noted as pending and settled there.
import { checkVm, IgniteError, type Metadata, type VmRecord, type VmSpec } from '@ignite/api';
import type { LiveVm } from '../live-vm.ts';
import type { OperationRooms } from '../operations.ts';
import { checkMemoryFits } from '../create/host-memory.ts';
import { diffSpec, same } from './diff-spec.ts';
import { mayLive } from '../not-running.ts';

/** What becomes different; absent: stays. */
export interface VmUpdate {
  /** The whole spec, from `desiredSpec` or the stored one with single fields changed. */
  readonly spec?: VmSpec;
  /** All of them; others go. */
  readonly labels?: NonNullable<Metadata['labels']>;
  readonly annotations?: NonNullable<Metadata['annotations']>;
  readonly manager?: string;
  /** undefined: none any more. */
  readonly origin?: VmRecord['origin'] | undefined;
  /** undefined: none any more. */
  readonly override?: VmRecord['override'] | undefined;
  readonly protected?: boolean;
}

/**
 * Writes the update down. Starts and stops nothing.
 * @throws IgniteError `vm/needs-recreate` where a changed field needs a new VM; then nothing is written
 */
export async function updateVm(
  vm: LiveVm,
  update: VmUpdate | ((record: VmRecord) => VmUpdate),
  engine: OperationRooms,
  signal: AbortSignal,
): Promise<void> {
  await engine.queues.run(
    vm.record.metadata.uid,
    async () => {
      if (vm.removed) throw new IgniteError('vm/not-found', `${vm.record.metadata.name} has been removed`);
      const record = updatedRecord(
        vm.record,
        typeof update === 'function' ? update(vm.record) : update,
        mayLive(vm),
      );
      if (record === vm.record) return;
      checkVm({ metadata: record.metadata, spec: record.spec });
      if (record.spec.memory !== vm.record.spec.memory)
        await checkMemoryFits(record.spec.memory, record.metadata.name);
      await engine.rooms.state.vms.put(record);
      vm.record = record;
    },
    { signal },
  );
}

/** The record after an update; the same object where nothing changes. Pure. */
export function updatedRecord(record: VmRecord, update: VmUpdate, started: boolean): VmRecord {
  const changes = update.spec === undefined ? [] : diffSpec(record.spec, update.spec);
  const recreate = changes.filter((change) => change.effect === 'recreate').map((change) => change.path);
  if (recreate.length > 0)
    throw new IgniteError(
      'vm/needs-recreate',
      `${recreate.join(', ')} of ${record.metadata.name} can only change in a new VM`,
      { details: { fields: recreate } },
    );
  const pending = changes.filter((change) => change.effect === 'start').map((change) => change.path);
  const all = [...new Set([...(record.history.pending ?? []), ...pending])];
  const { origin, override, protected: guarded, ...rest } = record;
  const next: VmRecord = {
    ...rest,
    manager: update.manager ?? record.manager,
    generation: record.generation + (changes.length > 0 ? 1 : 0),
    metadata: metadataOf(record.metadata, update),
    ...optional('origin', 'origin' in update ? update.origin : origin),
    ...optional('override', 'override' in update ? update.override : override),
    ...((update.protected ?? guarded) ? { protected: true } : {}),
    spec: update.spec ?? record.spec,
    history: {
      ...record.history,
      ...(all.length > 0 && (started || needsSettling(all)) ? { pending: all } : {}),
    },
  };
  return same(next, record) ? record : next;
}

/** Fields whose choices in `bound` are made again at the next start, even of a VM that never ran. */
function needsSettling(paths: readonly string[]): boolean {
  return paths.some((path) => /^spec\.(network\.|storage\.|diskSize$|kernel\.oci$|ssh$)/.test(path));
}

function metadataOf(metadata: Metadata, update: VmUpdate): Metadata {
  const { labels: oldLabels, annotations: oldAnnotations, ...rest } = metadata;
  const labels = update.labels ?? oldLabels ?? {};
  const annotations = update.annotations ?? oldAnnotations ?? {};
  return {
    ...rest,
    ...(Object.keys(labels).length === 0 ? {} : { labels: { ...labels } }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
  };
}

function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>); // a computed key widens
}
