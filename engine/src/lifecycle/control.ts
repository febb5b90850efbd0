// The one control connection of a VM: opened when first needed, shared by everyone, forgotten when it ends. A VMM serves
// one client; a second connection would end the first.
import { IgniteError } from '@ignite/api';
import type { VmmControl, VmmDriver } from '../vmm/index.ts';
import type { LiveVm } from './live-vm.ts';
import { beginOpening, type Opening } from './opening.ts';
import type { SupervisorHandle } from '../supervisor/port.ts';
import type { Rooms } from './rooms.ts';
import { notRunning } from './not-running.ts';

/**
 * The control connection to the VM's VMM.
 * @throws IgniteError `vm/not-running`, `vmm/…`
 */
export async function openControl(vm: LiveVm, rooms: Rooms, signal: AbortSignal): Promise<VmmControl> {
  for (;;) {
    const { handle } = vm;
    const driver = driverOf(vm, rooms);
    if (handle === undefined || driver === undefined) throw notRunning(vm);
    vm.control ??= begin(vm, handle, driver);
    const { control } = vm;
    if (!control.givenUp) return await control.join(signal);
    await control.result.catch(() => {});
    if (vm.control === control) vm.control = undefined;
  }
}

function begin(vm: LiveVm, handle: SupervisorHandle, driver: VmmDriver): Opening<VmmControl> {
  const { name } = vm.record.metadata;
  const opening = beginOpening(
    async (until) => {
      const channel = await handle.open('vmm', until);
      try {
        return await driver.control(channel, until);
      } catch (error) {
        channel.destroy(); // nobody else would: a supervisor has few places for its clients
        throw error;
      }
    },
    (cause) => new IgniteError('vmm/control-failed', `The VMM of ${name} did not answer in time`, { cause }),
  );
  const forget = () => {
    if (vm.control === opening) vm.control = undefined;
  };
  opening.result.then((control) => void control.closed.finally(forget), forget);
  return opening;
}

/** The driver the VM is bound to. */
export function driverOf(vm: LiveVm, rooms: Pick<Rooms, 'drivers'>): VmmDriver | undefined {
  return rooms.drivers.find((driver) => driver.name === vm.record.bound.driver);
}
