// Steps that end a run and write down how it ended.
import { isIgniteError } from '@ignite/api';
import { timerMs } from '@ignite/api/durations';
import { readConsoleTail } from '../../supervisor/index.ts';
import type { ExitRecord } from '../../supervisor/port.ts';
import { endedBy, endOf, endWithoutRecord } from '../end.ts';
import { beginGrace, type Grace } from '../grace.ts';
import { driverOf, openControl } from '../connect/control.ts';
import { wantsToRun } from '../intent.ts';
import { endOfLast, momentAfter } from '../last-run.ts';
import { change } from '../live-vm.ts';
import type { Steps } from './planner.ts';
import { openSession, signalMain } from '../connect/session.ts';
import type { RecordedEnd } from '@ignite/api';
import { noteForced, noteHistory, type StepContext } from './context.ts';

/** How long an agent may take to hear that its machine is to end. */
const AGENT_DEADLINE_MS = 5_000;
/** How long a guest may take to end after its command was killed: it writes its disk. */
const KILLED_COMMAND_MS = 10_000;
/** How often a machine is asked to power off. */
const ASK_AGAIN_MS = 3_000;
const SIGKILL = 9;
/** A panic's trace of calls is some 60 lines long. */
const CONSOLE_TAIL_LINES = 200;

/** What ending a run needs: also of a VM that has no record. */
type EndContext = Pick<StepContext, 'vm' | 'rooms' | 'report' | 'signal'>;

/**
 * Asks the agent, else presses the power button. After the grace a command that does not react is killed inside the guest,
 * which then still writes its disk; a VM that has not ended then is killed.
 */
export async function shutDown(
  context: EndContext,
  { graceMs, stopSignal }: Steps['shutDown'],
): Promise<void> {
  context.report({ kind: 'stage', name: 'stop' });
  using grace = beginGrace(graceMs);
  context.vm.grace = grace;
  try {
    await askToEnd(context, { graceMs, stopSignal }, grace);
  } finally {
    context.vm.grace = undefined;
  }
}

interface Asking {
  readonly graceMs: number;
  readonly stopSignal: number | undefined;
}

async function askToEnd(
  context: EndContext,
  { graceMs, stopSignal }: Asking,
  { over }: Grace,
): Promise<void> {
  const { handle } = context.vm;
  if (handle === undefined) return;
  const deadline = AbortSignal.any([context.signal, over]);
  await wake(context, deadline);
  const asked =
    (await askAgent(context, deadline, agentPatience(context, graceMs), stopSignal)) ||
    (await pressPowerButton(context, deadline));
  if (asked && (await endsAsked(context, handle.ended, deadline))) return;
  context.signal.throwIfAborted();
  if (context.vm.record.bound.mode === 'app' && (await killCommand(context))) return;
  await kill(context);
}

/**
 * Whether a guest that was asked ends. A machine is asked again: an init that has not come far enough yet does not hear
 * the signal. A command is not: a second signal means something else to many.
 */
async function endsAsked(
  context: EndContext,
  ended: Promise<unknown>,
  deadline: AbortSignal,
): Promise<boolean> {
  if (context.vm.record.bound.mode === 'app') return endsWithin(ended, deadline);
  while (!deadline.aborted) {
    if (await endsWithin(ended, AbortSignal.any([deadline, AbortSignal.timeout(ASK_AGAIN_MS)]))) return true;
    if (!deadline.aborted) await askAgent(context, deadline, AGENT_DEADLINE_MS); // the agent goes before the machine; then there is no answer
  }
  return false;
}

/** SIGKILL to the command; the guest unmounts its disk and ends. False where it did not within the deadline. */
async function killCommand(context: EndContext): Promise<boolean> {
  const { vm, rooms, signal } = context;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(KILLED_COMMAND_MS)]);
  try {
    const main = await (await openSession(vm, rooms.guest, deadline)).main();
    main.exit.catch(() => {}); // the guest's end is seen by the supervisor
    main.stdout.resume();
    main.stderr.resume();
    main.signal(SIGKILL);
    return vm.handle === undefined || (await endsWithin(vm.handle.ended, deadline));
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted && !isIgniteError(error)) throw error;
    return false;
  }
}

/** A guest that is paused cannot end by itself; what does not wake up is killed later on. */
async function wake({ vm, rooms, signal }: EndContext, deadline: AbortSignal): Promise<void> {
  if (!vm.paused) return;
  try {
    await (await openControl(vm, rooms, deadline)).resume(deadline);
    change(vm, { paused: false, diskFull: false });
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted && !isIgniteError(error)) throw error;
  }
}

/** Ends the VMM at once; with its supervisor, where that one does not answer. */
export async function kill(context: EndContext): Promise<void> {
  if ((await context.vm.handle?.kill(context.signal)) === 'forced') noteForced(context);
}

/** Writes into the record how the last run ended, so that it is never reported twice. */
export async function recordEnd(
  context: StepContext,
  { end }: { readonly end: ExitRecord | 'lost' },
): Promise<void> {
  const { vm } = context;
  const lastEnd = endOfLast(
    vm.record.history,
    end === 'lost' ? lostEnd(context) : await recordedEnd(context, end),
  );
  const watched = vm.handle !== undefined || vm.forced;
  vm.forced = false;
  vm.handle?.close();
  try {
    // A start that no daemon saw through may have come as far as that.
    const seeded = vm.record.history.seeded || (end !== 'lost' && end.ready);
    await noteHistory(context, { lastEnd, seeded });
  } finally {
    // Only now: a reader in between must not see the end of the run before this one.
    vm.session.opening = undefined;
    vm.control.opening = undefined;
    change(vm, {
      handle: undefined,
      agentLost: false,
      paused: false,
      diskFull: false,
    });
    if (watched) context.ended(vm); // before another run begins, and once
  }
  const processName = `ignite-spawn.${vm.record.bound.slot}`;
  await context.journal.gone({ kind: 'process', name: processName });
}

/** @returns that it was killed, where that was our doing */
function lostEnd({ vm, rooms, asker }: StepContext): RecordedEnd {
  const { history } = vm.record;
  const at = momentAfter(history, rooms.clock.now());
  if (vm.forced) return { at, how: 'killed', by: endedBy('killed', wantsToRun(vm.record), asker) };
  const startBoot = history.lastStart?.boot ?? rooms.state.bootId;
  return { at, how: endWithoutRecord(startBoot, rooms.state.bootId), by: 'host' };
}

async function recordedEnd({ vm, paths, asker }: StepContext, exit: ExitRecord): Promise<RecordedEnd> {
  const how = endOf(exit, await readConsoleTail(paths.logs, CONSOLE_TAIL_LINES, new Date(exit.startedAt)));
  return {
    at: exit.endedAt,
    how,
    by: endedBy(how, wantsToRun(vm.record), asker),
    ...(exit.ranMs === undefined ? {} : { ranMs: exit.ranMs }),
    ...(exit.main?.code === undefined ? {} : { code: exit.main.code }),
    ...(exit.main?.signal === undefined ? {} : { signal: exit.main.signal }),
    ...(exit.main?.oom === true ? { oom: true } : {}),
  };
}

/** A command hears of its end from the agent alone: one on a host that stands still for a while is given half of the grace. */
function agentPatience({ vm }: EndContext, graceMs: number): number {
  return vm.record.bound.mode === 'app' ? Math.max(AGENT_DEADLINE_MS, graceMs / 2) : AGENT_DEADLINE_MS;
}

/** @param stopSignal goes to the command of app mode, whose end is the guest's */
async function askAgent(
  context: EndContext,
  signal: AbortSignal,
  patienceMs: number,
  stopSignal?: number,
): Promise<boolean> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timerMs(patienceMs))]);
  try {
    const session = await openSession(context.vm, context.rooms.guest, deadline);
    if (stopSignal !== undefined && context.vm.record.bound.mode === 'app')
      await signalMain(session, stopSignal);
    else await session.shutdown('poweroff', deadline);
    return true;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!deadline.aborted && !isIgniteError(error)) throw error;
    return false;
  }
}

async function pressPowerButton(context: EndContext, signal: AbortSignal): Promise<boolean> {
  const { vm, rooms } = context;
  if (vm.handle === undefined || driverOf(vm, rooms)?.capabilities.powerButton !== true) return false;
  try {
    await (await openControl(vm, rooms, signal)).powerButton(signal);
    return true;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!signal.aborted && !isIgniteError(error)) throw error;
    return false;
  }
}

async function endsWithin(ended: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const onAbort = () => resolve(false);
  signal.addEventListener('abort', onAbort, { once: true });
  void ended.then(() => resolve(true));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
