// The served form of a VM: spec and bound as recorded, status from what is known of the host now.
import type { RecordedEnd, Vm, VmRecord } from '@ignite/api';
import { API_VERSION } from '@ignite/api/limits';
import type { StateWord } from '@ignite/api/state-words';
import { containerName } from './container.ts';
import { describeEnd, endedWithHost, isFailure } from './end.ts';
import { addressesOf } from '../network/index.ts';
import { hasFailedSince } from './last-run.ts';
import type { LiveVm } from './live-vm.ts';

interface StateNow {
  readonly state: StateWord;
  readonly detail?: string;
  readonly reason?: string;
  readonly stage?: string;
}

/** The state word with its reason. Pure: from the record, the activity and the supervisor's last status line. */
function stateOf(vm: LiveVm): StateNow {
  const status = vm.handle?.status();
  if (vm.activity?.kind === 'stopping' || vm.activity?.kind === 'removing') return { state: 'stopping' };
  if (status?.phase === 'ended' && vm.activity === undefined) return { state: 'stopping' }; // its end is being written down
  if (vm.activity?.kind === 'starting')
    return { state: 'starting', detail: vm.activity.stage, stage: vm.activity.stage };
  if (status !== undefined && status.phase !== 'ended') {
    if (vm.paused) return vm.diskFull ? { state: 'paused', detail: 'disk full' } : { state: 'paused' };
    if (status.phase === 'starting') return { state: 'starting', detail: 'boot', stage: 'boot' };
    if (vm.agentLost) return { state: 'running', detail: 'agent lost' };
    if (vm.placeLost) return { state: 'running', detail: 'address lost', reason: 'network/place-lost' };
    return { state: 'running' };
  }
  if (vm.outOfReach) return { state: 'running', detail: 'supervisor does not answer' };
  return endedState(vm);
}

function endedState(vm: LiveVm): StateNow {
  const { lastEnd, lastFailure, lastStart } = vm.record.history;
  if (lastFailure !== undefined && hasFailedSince(vm.record.history))
    return {
      state: 'failed',
      reason: lastFailure.code,
      ...(lastFailure.stage === undefined ? {} : { detail: lastFailure.stage, stage: lastFailure.stage }),
    };
  if (lastEnd !== undefined)
    return { state: isFailure(lastEnd.how) ? 'failed' : 'stopped', detail: endDetail(vm, lastEnd) };
  return lastStart === undefined ? { state: 'created' } : { state: 'stopped' };
}

/** How it ended; of what went down with the host, whether that is up again since. */
function endDetail({ record, hostBoot }: LiveVm, lastEnd: RecordedEnd): string {
  if (!endedWithHost(lastEnd)) return describeEnd(lastEnd);
  return record.history.lastStart?.boot === hostBoot
    ? 'host shut down'
    : describeEnd({ how: 'host-rebooted' });
}

/** The object that `inspect`, `ps` and the HTTP API show. */
export function describeVm(vm: LiveVm): Vm {
  const { record } = vm;
  const now = withOverride(stateOf(vm), record.override);
  const running = now.state === 'running' || now.state === 'paused';
  const { lastStart, lastEnd, restarts } = record.history;
  return {
    kind: 'VM',
    apiVersion: API_VERSION,
    metadata: record.metadata,
    spec: record.spec,
    bound: record.bound,
    status: {
      running,
      runtime: runtimeNow(vm),
      ...(lastStart === undefined ? {} : { startTime: lastStart.at }),
      ...(lastStart?.vmm === undefined ? {} : { vmm: lastStart.vmm }),
      network: {
        plugin: record.spec.network.mode,
        ipAddresses: record.bound.nics.flatMap(addressesOf),
      },
      image: record.sources.image,
      kernel: record.sources.kernel,
      idPrefix: record.idPrefix,
      ...now,
      ...healthOf(vm, now.state),
      ...(lastEnd?.code === undefined ? {} : { exitCode: lastEnd.code }),
      ...(lastEnd?.signal === undefined ? {} : { exitSignal: lastEnd.signal }),
      ...(lastEnd?.oom === undefined ? {} : { oom: lastEnd.oom }),
      ...(lastEnd === undefined || running ? {} : { finishedAt: lastEnd.at }),
      ...(lastEnd?.by === undefined || running ? {} : { endedBy: lastEnd.by }),
      ...(vm.snapshot === undefined ? {} : { snapshot: vm.snapshot }),
      restarts,
      agent: agentOf(vm, running),
      manager: record.manager,
      ...(record.origin === undefined ? {} : { origin: record.origin }),
      ...(record.override === undefined ? {} : { override: record.override.running }),
      ...(record.protected === true ? { protected: true } : {}),
      ...(record.history.pending === undefined ? {} : { pending: record.history.pending }),
      ...(vm.activity === undefined ? {} : { operation: vm.activity.operation }),
    },
  };
}

/** Of a run, what it was started with; else what the next start takes. A process is known by its pid. */
function runtimeNow({ record, handle }: LiveVm): Vm['status']['runtime'] {
  if (handle === undefined) return { id: '', name: record.spec.runtime ?? 'process' };
  const { runtime } = record.history.lastStart ?? {};
  if (runtime === undefined) return { id: String(handle.status().vmmPid), name: 'process' };
  return { id: containerName(record), name: runtime };
}

/** Who looks at `ps` sees that the VM is held against its manifest. */
function withOverride(now: StateNow, override: VmRecord['override']): StateNow {
  if (override === undefined) return now;
  const held = override.running ? 'started by hand' : 'stopped by hand';
  return { ...now, detail: now.detail === undefined ? held : `${now.detail}; ${held}` };
}

function healthOf({ health }: LiveVm, state: StateWord) {
  if (health === undefined || state !== 'running') return {};
  return { health: health.word, ...(health.output === undefined ? {} : { healthOutput: health.output }) };
}

function agentOf(vm: LiveVm, running: boolean): 'ready' | 'lost' | 'none' {
  if (!running) return 'none';
  return vm.agentLost || vm.outOfReach ? 'lost' : 'ready';
}
