// One idle guest for the measurements that need a running VM.
import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, IMAGE } from './place.ts';

/** The guest's own start-up work is over after this. */
const SETTLE_MS = 3_000;

/** Starts a VM that sleeps, lets it come to rest, and removes it afterwards. @param work gets its uid */
export async function withIdleGuest(
  { client }: Bench,
  work: (uid: string, slot: number) => Promise<void>,
): Promise<void> {
  const vm = await client.createVm({ spec: { image: { oci: IMAGE }, command: ['sleep', '100000'] } });
  try {
    await client.startVm(vm.metadata.uid, { wait: 'agent' });
    await delay(SETTLE_MS);
    await work(vm.metadata.uid, vm.bound?.slot ?? 0);
  } finally {
    await client.removeVm(vm.metadata.uid, { force: true });
  }
}
