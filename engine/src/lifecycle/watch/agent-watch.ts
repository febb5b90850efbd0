// Pings the agents of running VMs now and then: one that hangs keeps its end of the link open, so that nothing else shows it.
// One timer for all VMs; an agent is pinged over the session that is open anyway.
import type { Clock } from '../../host/index.ts';
import type { GuestSession } from '../../guest/port.ts';
import type { LiveVm } from '../live-vm.ts';

/** Between two rounds; with the deadline of an answer a hung agent is shown within 40 s. */
const EVERY_MS = 20_000;
/** A host under load emulates slowly. */
const ANSWER_MS = 20_000;
/** How many agents are asked at once. */
const AT_ONCE = 16;

export interface AgentWatch {
  readonly vms: () => readonly LiveVm[];
  readonly clock: Pick<Clock, 'sleep'>;
  /** The session with the VM's agent, opened where there is none; an agent that does not answer is marked lost by it. */
  readonly session: (vm: LiveVm, signal: AbortSignal) => Promise<GuestSession>;
  /** The agent is lost, or back, which was not known yet. */
  readonly changed: (vm: LiveVm, lost: boolean) => void;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  readonly answerMs?: number;
}

/** Watches until the signal. Never throws. */
export async function watchAgents(watch: AgentWatch): Promise<void> {
  const { clock, signal, everyMs = EVERY_MS } = watch;
  try {
    for (;;) {
      await clock.sleep(everyMs, signal);
      await askAll(watch);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function askAll(watch: AgentWatch): Promise<void> {
  const queue = watch.vms().filter(canAnswer).values();
  const worker = async () => {
    for (const vm of queue) if (!watch.signal.aborted) await ask(vm, watch);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** One that is paused, starts or stops says nothing, and that means nothing. */
function canAnswer(vm: LiveVm): boolean {
  return vm.handle?.status().phase === 'ready' && !vm.paused && vm.activity === undefined;
}

async function ask(
  vm: LiveVm,
  { session, changed, signal, answerMs = ANSWER_MS }: AgentWatch,
): Promise<void> {
  const { handle, agentLost: before } = vm;
  const until = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  const lost = await session(vm, until)
    .then((open) => open.ping(until)) // one that hangs keeps its session: others may still hear of it there
    .then(
      () => false,
      () => true,
    );
  if (signal.aborted || vm.handle !== handle || !canAnswer(vm)) return;
  if (lost !== before) changed(vm, lost);
}
