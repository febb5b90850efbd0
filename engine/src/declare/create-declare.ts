// The room `declare`: VMs as manifests say. Applying is one after the other: two plans at once would fight over a VM.
import type { VmSpecInput } from '@ignite/api';
import { createQueue } from '../host/index.ts';
import type { Vms } from '../lifecycle/index.ts';
import { carryOut, STILL_AT_WORK } from './carry-out.ts';
import { planAll } from './plan.ts';
import type { Declare, DeclareRequest, Patience, Planned } from './port.ts';

/** @param vmDefaults of the Configuration */
export function createDeclare(vms: Vms, vmDefaults: VmSpecInput): Declare {
  // A queue for each manager: one source that waits for a boot must not hold up another.
  const queues = new Map<string, ReturnType<typeof createQueue>>();
  const queueOf = (manager: string) => {
    const queue = queues.get(manager) ?? createQueue();
    queues.set(manager, queue);
    return queue;
  };
  /** UIDs of VMs that an earlier plan still makes: they are not there yet, and need not be made twice. */
  const making = new Set<string>();
  const plan = (request: DeclareRequest) =>
    planAll(request, vms.look(), vmDefaults).map((planned) =>
      making.has(planned.uid ?? '') ? beingMade(planned) : planned,
    );
  return {
    plan,
    apply: (request, { report, signal }) =>
      queueOf(request.manager)(() =>
        carryOut(plan(request), noting(request, making), { vms, vmDefaults, report, signal }),
      ),
  };
}

function beingMade(planned: Planned): Planned {
  return { ...planned, action: 'keep', changes: [], drift: STILL_AT_WORK };
}

/** The request, by which VMs that are left to themselves while they are made are known until they are. */
function noting(request: DeclareRequest, making: Set<string>): DeclareRequest {
  const { patience } = request;
  if (patience === undefined) return request;
  const late: Patience['late'] = (planned, outcome) => {
    const { action, uid } = planned;
    const made = action === 'create' || action === 'recreate';
    if (made && uid !== undefined) {
      making.add(uid);
      void outcome.then(() => making.delete(uid));
    }
    patience.late(planned, outcome);
  };
  return { ...request, patience: { ...patience, late } };
}
