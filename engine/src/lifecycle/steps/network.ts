// Steps of a VM's network: attached before the VMM, detached after it.
import { attachContext, type StepContext } from './context.ts';

/** Makes taps, rules and published ports as bound. */
export async function attachNetwork(context: StepContext): Promise<void> {
  context.report({ kind: 'stage', name: 'network' });
  for (const nic of context.vm.record.bound.nics)
    await context.rooms.network.attach(nic, attachContext(context));
}

/** Removes what attachNetwork made for this VM. */
export async function detachNetwork(context: StepContext): Promise<void> {
  for (const nic of context.vm.record.bound.nics)
    await context.rooms.network.detach(nic, attachContext(context));
}
