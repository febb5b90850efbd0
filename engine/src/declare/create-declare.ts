// The room `declare`: VMs as manifests say. Applying is one after the other: two plans at once would fight over a VM.
import type { VmSpecInput } from '@ignite/api';
import { createQueue } from '../host/index.ts';
import type { Vms } from '../lifecycle/index.ts';
import { carryOut } from './carry-out.ts';
import { planAll } from './plan.ts';
import type { Declare } from './port.ts';

/** @param vmDefaults of the Configuration */
export function createDeclare(vms: Vms, vmDefaults: VmSpecInput): Declare {
  // A queue for each manager: one source that waits for a boot must not hold up another.
  const queues = new Map<string, ReturnType<typeof createQueue>>();
  const queueOf = (manager: string) => {
    const queue = queues.get(manager) ?? createQueue();
    queues.set(manager, queue);
    return queue;
  };
  return {
    plan: (request) => planAll(request, vms.look(), vmDefaults),
    apply: (request, { report, signal }) =>
      queueOf(request.manager)(async () => {
        const plan = planAll(request, vms.look(), vmDefaults);
        return carryOut(plan, request, { vms, vmDefaults, report, signal });
      }),
  };
}
