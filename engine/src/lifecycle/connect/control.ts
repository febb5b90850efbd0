// The one control connection of a VM: opened when first needed, shared by everyone, forgotten when it ends. A VMM serves
// one client; a second connection would end the first.
import { IgniteError } from '@ignite/api';
import type { VmmControl, VmmDriver } from '../../vmm/index.ts';
import type { LiveVm } from '../live-vm.ts';
import { beginOpening, joinKept, type Opening } from './opening.ts';
import type { SupervisorHandle } from '../../supervisor/port.ts';
import type { Rooms } from '../rooms.ts';
import { notRunning, runningHandle } from '../not-running.ts';

/**
 * The control connection to the VM's VMM.
 * @throws IgniteError `vm/not-running`, `vmm/…`
 */
export function openControl(vm: LiveVm, rooms: Rooms, signal: AbortSignal): Promise<VmmControl> {
  return joinKept(vm.control, () => begin(vm, rooms), signal);
}

function begin(vm: LiveVm, rooms: Rooms): Opening<VmmControl> {
  const handle = runningHandle(vm);
  const driver = driverOf(vm, rooms);
  if (driver === undefined) throw notRunning(vm);
  const { name } = vm.record.metadata;
  return beginOpening(
    (until) => connect(handle, driver, until),
    (cause) => new IgniteError('vmm/control-failed', `The VMM of ${name} did not answer in time`, { cause }),
  );
}

async function connect(
  handle: SupervisorHandle,
  driver: VmmDriver,
  signal: AbortSignal,
): Promise<VmmControl> {
  const channel = await handle.open('vmm', signal);
  try {
    return await driver.control(channel, signal);
  } catch (error) {
    channel.destroy(); // nobody else would: a supervisor has few places for its clients
    throw error;
  }
}

/** The driver the VM is bound to. */
export function driverOf(vm: LiveVm, rooms: Pick<Rooms, 'drivers'>): VmmDriver | undefined {
  return rooms.drivers.find((driver) => driver.name === vm.record.bound.driver);
}
