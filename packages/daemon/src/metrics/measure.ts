// What all running VMs use, within a bounded time. A guest that does not answer keeps its place among those that are asked
// at once for a moment only: however many are silent, they hide no other.
import type { Vm } from '@ignite/api';
import type { Engine } from '@ignite/engine';
import type { MeasuredVm } from './vm-families.ts';

/** A guest that does not answer must not hold the scrape up. */
export const STATS_MS = 3_000;
/** For what the host knows of VMs whose turn came no sooner. */
const GRACE_MS = 1_000;
const AT_ONCE = 32;
/** Many times what a guest takes that answers. */
const PLACE_MS = 100;

/** Of all VMs, in their order; one that has not answered in time comes with what the host knows, or without figures. */
export async function measureAll(
  vms: Pick<Engine['vms'], 'list' | 'stats'>,
  signal: AbortSignal,
  deadlineMs = STATS_MS,
): Promise<readonly MeasuredVm[]> {
  const measured: MeasuredVm[] = vms.list().map((vm) => ({ vm }));
  const until = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const asked: Promise<void>[] = [];
  const queue = [...measured.entries()].filter(([, { vm }]) => vm.status.running).sort(silentLast);
  const turns = queue.values();
  const worker = async () => {
    for (const [index, { vm }] of turns) {
      const asking = vms.stats(vm.metadata.uid, until).then(
        (stats) => {
          measured[index] = { vm, stats };
        },
        () => {}, // ended meanwhile
      );
      asked.push(asking);
      await within(PLACE_MS, asking);
    }
  };
  const all = Promise.all(Array.from({ length: AT_ONCE }, worker)).then(() => Promise.all(asked));
  await within(deadlineMs + GRACE_MS, all);
  return [...measured]; // later answers are no more of this scrape
}

function silentLast([, a]: readonly [number, MeasuredVm], [, b]: readonly [number, MeasuredVm]): number {
  return Number(isLost(a)) - Number(isLost(b));
}

function isLost({ vm }: { readonly vm: Vm }): boolean {
  return vm.status.agent === 'lost';
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
