// What happens in an engine, as events.
import type { Swept } from '../janitor/index.ts';
import type { openVms, VmAction } from '../lifecycle/index.ts';
import type { Events } from '../state/index.ts';

/** Between a `stop`, or nothing, and the next `start` nobody watched. */
export function tellOfDaemon(events: Events, action: 'start' | 'stop', version: string): void {
  events.emit({ kind: 'daemon', action, attributes: { version, pid: String(process.pid) } });
}

/** What the janitor found, and what became of it. */
export function tellOfStray(events: Events, { kind, name, why, result, problem }: Swept): void {
  const attributes = { what: kind, name, why, ...(problem === undefined ? {} : { problem }) };
  events.emit({ kind: 'gc', action: result, attributes });
}

/**
 * @param at when it happened, where that was before now
 * @param leftOut how many of its sort were not told before it
 */
export function emitVm(
  events: Events,
  action: VmAction,
  vm: Parameters<Parameters<typeof openVms>[0]['onEvent']>[1],
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
