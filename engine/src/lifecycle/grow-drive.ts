// Enlarging a drive of a running VM: the VMM first, then the file system inside, by the agent.
import { openControl } from './connect/control.ts';
import type { LiveVm } from './live-vm.ts';
import type { Rooms } from './rooms.ts';
import { openSession } from './connect/session.ts';

/** Growing ext4 online takes 5 s to 1 TiB, more than a minute to 16 TiB (DESIGN, facts about hosts). */
const DEADLINE_MS = 180_000;

interface Growth {
  readonly index: number;
  readonly bytes: number;
  /** The guest has a file system of it mounted. */
  readonly mounted: boolean;
}

/**
 * Makes the guest see and use the new size. The file behind the drive may be larger already; both steps do nothing
 * where they were done before.
 * @throws IgniteError `vm/not-running`, `vmm/…` or `guest/…`; the next start does what was not done
 */
export async function growDrive(
  vm: LiveVm,
  rooms: Rooms,
  growth: Growth,
  signal: AbortSignal,
): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  const control = await openControl(vm, rooms, deadline);
  await control.resizeDrive(growth.index, growth.bytes, deadline);
  if (!growth.mounted) return;
  const session = await openSession(vm, rooms.guest, deadline);
  await session.grow(growth.index, deadline);
}
