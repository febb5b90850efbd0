// Caps of a VM that lie outside of its VMM: those of its control group and of its interfaces.
import { IgniteError } from '@ignite/api';
import type { LimitName } from '../../host/index.ts';
import type { AttachedNic } from '../../network/index.ts';
import { groupLimits, nicBandwidth } from '../caps.ts';
import { driverOf } from '../connect/control.ts';
import type { StepContext } from './context.ts';

type CapsContext = Pick<StepContext, 'vm' | 'rooms' | 'journal' | 'signal'>;

/**
 * Limits the VM's control group. A default limit that the host cannot set is left out; one that was asked for is an error.
 * @param only which limits to set; absent: all
 * @throws IgniteError `host/cannot-limit`
 */
export async function limitGroup({ vm, rooms }: CapsContext, only?: readonly LimitName[]): Promise<void> {
  const { spec, bound, metadata } = vm.record;
  const done = await rooms.cgroups.limit(String(bound.slot), groupLimits(spec), only);
  const asked = [
    ...(spec.resources?.cpuLimit === undefined ? [] : (['cpu'] as const)),
    ...(spec.resources?.pids === undefined ? [] : (['pids'] as const)),
  ];
  const missing = asked.filter((name) => !done.has(name));
  if (missing.length > 0)
    throw new IgniteError(
      'host/cannot-limit',
      `This host cannot limit ${missing.join(' and ')} for ${metadata.name}`,
      { stage: 'caps' },
    );
}

/** Limits each interface, each way, unless the VMM does. @throws IgniteError `network/cannot-limit` */
export async function limitNics(
  { vm, rooms, journal, signal }: CapsContext,
  nics: readonly AttachedNic[],
): Promise<void> {
  if (driverOf(vm, rooms)?.capabilities.nicLimits === true) return;
  for (const [index, nic] of nics.entries()) {
    const bytesPerSecond = nicBandwidth(vm.record.spec, index);
    if (!bytesPerSecond) continue;
    if (nic.kind !== 'tap' && nic.kind !== 'given')
      throw new IgniteError('network/cannot-limit', 'A user network has no interface on the host to limit', {
        stage: 'network',
      });
    const taps = nic.kind === 'tap' ? [nic.tap] : nic.taps.map(({ tap }) => tap);
    for (const tap of taps)
      await rooms.rates.limit({ netns: nic.netns, tap, bytesPerSecond }, journal, signal);
  }
}
