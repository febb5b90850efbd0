// Steps of a VM's network: attached before the VMM, detached after it.
import { isDeepStrictEqual } from 'node:util';
import { attachedAs } from '../live-vm.ts';
import { nicPlaces } from '../nic-place.ts';
import { storedNic } from '../bound-nics.ts';
import { attachContext, type StepContext } from './context.ts';

type StoredNic = StepContext['vm']['record']['bound']['nics'][number];

/** Makes taps, rules and published ports as bound; what a network made by others gives is written down. */
export async function attachNetwork(context: StepContext): Promise<void> {
  context.report({ kind: 'stage', name: 'network' });
  const nics: StoredNic[] = [];
  context.vm.holdsNics = true;
  context.vm.placeLost = false;
  context.vm.attached = attachedAs(context.vm.record);
  for (const [nic, place] of await placed(context))
    nics.push(storedNic((await context.rooms.network.attach(nic, attachContext(context, place))).bound));
  await keep(context, nics);
}

/** Removes what attachNetwork made for this VM. */
export async function detachNetwork(context: StepContext): Promise<void> {
  await context.rooms.rates.unlimit(context.journal, context.signal);
  for (const [nic, place] of await placed(context))
    await context.rooms.network.detach(nic, attachContext(context, place));
  context.vm.holdsNics = false;
  context.vm.attached = undefined;
  await keep(context, context.vm.record.bound.nics.map(withoutGiven));
}

async function placed({ vm, rooms, signal }: StepContext) {
  const places = await nicPlaces(vm, rooms, signal);
  return vm.record.bound.nics.map(
    (nic, index) => [nic, places[index] ?? { slot: vm.record.bound.slot }] as const,
  );
}

function withoutGiven(nic: StoredNic): StoredNic {
  if (nic.mode !== 'cni' && nic.mode !== 'docker-bridge') return nic;
  const { given: _over, ...rest } = nic;
  return rest;
}

async function keep({ vm, rooms }: StepContext, nics: readonly StoredNic[]): Promise<void> {
  if (isDeepStrictEqual(nics, vm.record.bound.nics)) return;
  const record = { ...vm.record, bound: { ...vm.record.bound, nics: [...nics] } };
  await rooms.state.vms.put(record);
  vm.record = record;
}
