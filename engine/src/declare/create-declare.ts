// The room `declare`: makes the VMs of a host match manifests. Plans of one manager are applied one after the other, as two
// at once would fight over a VM.
import type { VmSpecInput } from '@ignite/api';
import { createQueue } from '../host/index.ts';
import type { Vms } from '../lifecycle/index.ts';
import { carryOut, STILL_AT_WORK } from './carry-out.ts';
import { planAll } from './plan.ts';
import type { Declare, DeclareRequest, Patience, Planned } from './port.ts';

/** The room. @param vmDefaults of the Configuration */
export function createDeclare(vms: Vms, vmDefaults: VmSpecInput): Declare {
  // A queue for each manager: a source that waits for a boot must not delay another.
  const queues = new Map<string, ReturnType<typeof createQueue>>();
  const queueOf = (manager: string) => {
    const queue = queues.get(manager) ?? createQueue();
    queues.set(manager, queue);
    return queue;
  };
  /** UIDs of VMs that an earlier plan is still making: they have no record yet and must not be made twice. */
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

/** The same request, which also notes in `making` each VM that is left to finish in the background, until it is made. */
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
