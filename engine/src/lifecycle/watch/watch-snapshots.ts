// Checks now and then how full the stores of device-mapper disks are, all with one program: a store that overflows makes its
// disk unreadable for ever. Nothing is run where no VM has such a disk.
import type { SnapshotFill, Snapshots } from '../../disks/index.ts';
import type { Clock } from '../../host/index.ts';
import type { LiveVm } from '../live-vm.ts';
import { snapshotName, snapshotPrefix } from '../snapshot-name.ts';

const EVERY_MS = 30_000;
/** Of its store. */
const NEARLY_FULL = 0.9;

interface SnapshotWatch {
  readonly vms: () => readonly LiveVm[];
  readonly clock: Pick<Clock, 'sleep'>;
  readonly snapshots: Pick<Snapshots, 'fills'>;
  /** Of the state directory. */
  readonly instance: string;
  /** Its store has become nearly full, or broken. */
  readonly filled: (vm: LiveVm) => void;
  readonly complain: (text: string, error: unknown) => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
  readonly everyMs?: number;
}

/** Watches until the signal. */
export async function watchSnapshots(watch: SnapshotWatch): Promise<void> {
  const { clock, signal, complain, everyMs = EVERY_MS } = watch;
  while (!signal.aborted) {
    try {
      await look(watch);
      await clock.sleep(everyMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      complain('Could not look how full the disks by device-mapper are', error);
      await clock.sleep(everyMs, signal).catch(() => {}); // the signal: the loop ends
    }
  }
}

async function look({ vms, snapshots, instance, filled, signal }: SnapshotWatch): Promise<void> {
  const mapped = () => vms().filter(({ record, handle }) => isMapped(record) && handle !== undefined);
  if (mapped().length === 0) return;
  const fills = await snapshots.fills(snapshotPrefix(instance), signal);
  for (const vm of mapped()) {
    const fill = fills.get(snapshotName(instance, vm.record.metadata.uid));
    const before = vm.snapshot;
    vm.snapshot = fill;
    if (fill !== undefined && isFull(fill) && !(before !== undefined && isFull(before))) filled(vm);
  }
}

function isMapped({ bound }: LiveVm['record']): boolean {
  return bound.disk?.means === 'device-mapper';
}

function isFull({ used, total, broken }: SnapshotFill): boolean {
  return broken || used >= total * NEARLY_FULL;
}
