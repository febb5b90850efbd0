// The one control connection of a VM: opened when first needed, shared by everyone, forgotten when it ends. A VMM serves
// one client; a second connection would end the first.
import { IgniteError } from '@ignite/api';
import type { VmmControl, VmmDriver } from '../vmm/index.ts';
import type { LiveVm } from './live-vm.ts';
import type { Rooms } from './rooms.ts';

/**
 * The control connection to the VM's VMM.
 * @throws IgniteError `vm/not-running`, `vmm/…`
 */
export async function openControl(vm: LiveVm, rooms: Rooms, signal: AbortSignal): Promise<VmmControl> {
  const { handle } = vm;
  const driver = driverOf(vm, rooms);
  if (handle === undefined || driver === undefined)
    throw new IgniteError('vm/not-running', `${vm.record.metadata.name} is not running`);
  if (vm.control !== undefined) return vm.control;
  const opening = handle.open('vmm', signal).then((channel) => driver.control(channel, signal));
  vm.control = opening;
  const forget = () => {
    if (vm.control === opening) vm.control = undefined;
  };
  try {
    const control = await opening;
    void control.closed.finally(forget);
    return control;
  } catch (error) {
    forget();
    throw error;
  }
}

/** The driver the VM is bound to. */
export function driverOf(vm: LiveVm, rooms: Pick<Rooms, 'drivers'>): VmmDriver | undefined {
  return rooms.drivers.find((driver) => driver.name === vm.record.bound.driver);
}
