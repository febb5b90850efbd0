// Writes what happens in an engine into its event log.
import type { Vm } from '@ignite/api';
import type { Swept } from '../janitor/index.ts';
import type { VmAction } from '../lifecycle/index.ts';
import type { Events } from '../state/index.ts';

/** A daemon started or stopped: between a `stop` (which a crash leaves out) and the next `start` nobody watched the VMs. */
export function tellOfDaemon(events: Events, action: 'start' | 'stop', version: string): void {
  events.emit({ kind: 'daemon', action, attributes: { version, pid: String(process.pid) } });
}

/** The janitor found something that belongs to nothing, and removed it or could not. */
export function tellOfStray(events: Events, { kind, name, why, result, problem }: Swept): void {
  const attributes = { what: kind, name, why, ...(problem === undefined ? {} : { problem }) };
  events.emit({ kind: 'gc', action: result, attributes });
}

/**
 * Something happened to a VM.
 * @param at when it happened, if that was before now
 * @param leftOut how many events of the same kind were suppressed before this one
 */
export function emitVm(
  events: Events,
  action: VmAction,
  vm: Vm,
  { at, leftOut = 0 }: { readonly at: string | undefined; readonly leftOut: number | undefined },
): void {
  const { status, metadata } = vm;
  events.emit({
    ...(at === undefined ? {} : { time: at }),
    kind: 'vm',
    action,
    vm: metadata.uid,
    name: metadata.name,
    attributes: {
      state: status.state,
      ...(leftOut === 0 ? {} : { leftOut: String(leftOut) }),
      ...(status.detail === undefined ? {} : { detail: status.detail }),
      ...(status.health === undefined ? {} : { health: status.health }),
      ...(status.endedBy === undefined ? {} : { by: status.endedBy }),
      ...(status.exitCode === undefined ? {} : { exitCode: String(status.exitCode) }),
    },
  });
}
