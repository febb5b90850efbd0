// Keeps the host's network as the running VMs need it: rebuilt once when the daemon starts, looked at now and then
// while a VM has a NIC. One timer for all VMs.
import { IgniteError } from '@ignite/api';
import type { Network, PresentNic } from '../../network/index.ts';
import { attachedAs, change, type LiveVm } from '../live-vm.ts';
import type { Complain } from '../complain.ts';

const LOOK_EVERY_MS = 10_000;
const REBUILD_DEADLINE_MS = 60_000;

interface NetworkCareInput {
  readonly network: Network;
  readonly vms: () => readonly LiveVm[];
  readonly complain: Complain;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

/** Installs the rules of all running VMs and begins to watch over them. Failures are reported, never thrown. */
export async function careForNetwork({ network, vms, complain, signal }: NetworkCareInput): Promise<void> {
  const nics = () => presentNics(vms());
  let isRebuilt = false;
  // Tried again with each look: without it nothing of VMs that an earlier daemon has started is looked after.
  const rebuild = async () => {
    const until = AbortSignal.any([signal, AbortSignal.timeout(REBUILD_DEADLINE_MS)]);
    if (nics().length > 0) await network.rebuild(nics, until);
    isRebuilt = true;
  };
  try {
    await rebuild();
  } catch (error) {
    complain('Could not rebuild the network of the running VMs', error);
  }
  let looking = false; // on a slow host a look may take longer than the pause between two
  const look = async () => {
    if (looking || nics().length === 0) return;
    looking = true;
    try {
      if (!isRebuilt) await rebuild();
      const until = AbortSignal.any([signal, AbortSignal.timeout(LOOK_EVERY_MS)]);
      noteLost(await network.look(nics, until), vms(), complain);
    } catch (error) {
      if (!signal.aborted) complain('Could not look after the network', error);
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** Each is reported once, and stays in the VM's state while it lasts. */
function noteLost(lost: readonly string[], vms: readonly LiveVm[], complain: Complain): void {
  for (const vm of vms) {
    const { name, uid } = vm.record.metadata;
    const placeLost = lost.includes(uid);
    if (placeLost === vm.placeLost) continue;
    change(vm, { placeLost });
    if (!placeLost) continue;
    const why = `Docker was started again and has given away the address of ${name}`;
    complain(`${name} is not reached`, new IgniteError('network/place-lost', why));
  }
}

/** Also of VMs that are attached and wait for their boot: tables that are made anew hold what is given here, and no more. */
function presentNics(vms: readonly LiveVm[]): PresentNic[] {
  return vms.flatMap(({ handle, holdsNics, record, attached = attachedAs(record) }) => {
    const { bound, metadata } = record;
    if (handle === undefined && !holdsNics) return [];
    return bound.nics.map((nic, index) => ({
      nic,
      index,
      slot: bound.slot,
      ...(handle === undefined ? {} : { pid: handle.process.pid }),
      vmUid: metadata.uid,
      vmName: metadata.name,
      ...attached,
    }));
  });
}
