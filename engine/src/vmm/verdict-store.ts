// Keeps the KVM verdict in /run/ignite/host.json for this boot of the host.
import { z } from 'zod';
import { createSharedWork } from '../work/index.ts';
import type { KvmVerdict, VerdictStore } from './kvm-verdict.ts';

/** A JSON file as the state room gives it. */
interface Store {
  load(): Promise<unknown>;
  save(value: unknown): Promise<void>;
}

const schema = z.object({
  bootId: z.string(),
  kvm: z.object({
    trusted: z.boolean(),
    reason: z.string().exactOptional(),
    late: z.object({ count: z.number(), at: z.number() }).exactOptional(),
  }),
});

/** A verdict of another boot is no verdict. */
export function verdictStore(file: Store, bootId: string): VerdictStore {
  return {
    load: async (): Promise<KvmVerdict | undefined> => {
      const known = schema.safeParse(await file.load());
      return known.success && known.data.bootId === bootId ? known.data.kvm : undefined;
    },
    save: (kvm) => file.save({ bootId, kvm }),
    trials: createSharedWork('The trial of KVM'),
  };
}
