// Waits until the guest reports READY, or finds out why it did not: it ended, was silent, its disk is full, or its command
// could not be executed.
import { IgniteError } from '@ignite/api';
import { timerMs } from '@ignite/api/durations';
import { readConsoleTail, readVmmTail } from '../../supervisor/index.ts';
import type { SupervisorHandle, SupervisorStatus } from '../../supervisor/port.ts';
import { unlessAborted } from '../../work/index.ts';
import { filesTimeMs, forgetFiles } from './files-archive.ts';
import type { LiveVm } from '../live-vm.ts';
import { saveHistory, type StepContext } from './context.ts';

const CONSOLE_LINES = 50;
const VMM_LINES = 5;
/** Characters of the kernel's sentence: any guest can print one that fills the VM's record. */
const MOST_OF_PANIC = 300;

/** What a guest is given at least when a daemon finds it booting: the host may have stood still, or its clock jumped. */
const LEAST_MS = 30_000;

type Outcome = 'ready' | 'ended' | 'no room' | 'silent';

/** In app mode ready means that the command was executed, in system mode that the agent answers. */
export async function awaitReady(context: StepContext): Promise<void> {
  const { vm, signal, start } = context;
  const { handle } = vm;
  if (handle === undefined) return; // it ended between two looks; the next one sees it
  const { waitedMs = 0 } = start;
  const leftMs = timeLeftMs(start.readyTimeoutMs + (await filesTimeMs(context)), waitedMs);
  const outcome = await firstOutcome(vm, handle, leftMs, signal);
  if (outcome === 'ready') {
    await saveHistory(context, { seeded: true });
    await forgetFiles(context);
    return;
  }
  if (outcome === 'no room') throw noRoom(context, handle.status());
  const words = await lastWords(context, handle.status());
  throw outcome === 'ended'
    ? ended(context, handle.status(), words)
    : silent(context, handle.status(), words, waitedMs + leftMs);
}

/** What remains of the time a guest has, all of it included where the host's clock was set back. Pure. */
export function timeLeftMs(timeoutMs: number, waitedMs: number): number {
  return Math.min(timeoutMs, Math.max(timeoutMs - waitedMs, LEAST_MS));
}

async function firstOutcome(
  vm: LiveVm,
  handle: SupervisorHandle,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const now = outcomeOf(vm, handle.status());
  if (now !== undefined) return now;
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const look = () => {
    const outcome = outcomeOf(vm, handle.status());
    if (outcome !== undefined) resolve(outcome);
  };
  const unsubscribe = handle.onStatus(look);
  vm.listeners.add(look);
  const timer = setTimeout(() => resolve('silent'), timerMs(timeoutMs));
  void handle.ended.then(() => resolve(outcomeOf(vm, handle.status()) ?? 'ended'));
  try {
    return await unlessAborted(promise, signal);
  } finally {
    unsubscribe();
    vm.listeners.delete(look);
    clearTimeout(timer);
  }
}

function outcomeOf(vm: LiveVm, status: SupervisorStatus): Outcome | undefined {
  if (status.ready !== undefined) return 'ready'; // even if it has ended since: a command may be short
  if (status.phase === 'ended') return 'ended';
  return vm.diskFull ? 'no room' : undefined; // its VMM has halted it, and it would be waited for in vain
}

interface LastWords {
  readonly details: { readonly console: readonly string[] };
  readonly cause?: Error;
}

/** What people need to see why a guest did not come up (D12): the console's end, and what a failed VMM said. */
async function lastWords({ paths, vm }: StepContext, { exit }: SupervisorStatus): Promise<LastWords> {
  const console = await readConsoleTail(
    paths.logs,
    CONSOLE_LINES,
    new Date(vm.record.history.lastStart?.at ?? 0),
  );
  const failed = exit !== undefined && !exit.killed && exit.vmm.code !== 0;
  const vmm = failed ? await readVmmTail(paths.logs, VMM_LINES) : '';
  return {
    details: { console: console === '' ? [] : console.split('\n') },
    ...(vmm === '' ? {} : { cause: new Error(`the VMM said: ${vmm}`) }),
  };
}

function ended(context: StepContext, status: SupervisorStatus, words: LastWords): IgniteError {
  const { name } = context.vm.record.metadata;
  const told = lastNote(status);
  const code = status.exit?.main?.code;
  if (code === 127) return new IgniteError('start/command-not-found', told ?? `${name}: command not found`);
  if (code === 126)
    return new IgniteError('start/command-not-executable', told ?? `${name}: cannot be executed`);
  const why = told ?? panicOf(words.details.console);
  return new IgniteError('start/guest-ended', `${name} ended before it was up${why ? `: ${why}` : ''}`, {
    stage: stageOf(status),
    ...words,
  });
}

/** The kernel's last sentence, `Kernel panic - not syncing: VFS: …`; undefined where it did not panic. */
export function panicOf(console: readonly string[]): string | undefined {
  const line = console.findLast((line) => line.includes('Kernel panic - not syncing'));
  const from = line?.indexOf('Kernel panic') ?? 0;
  return line?.slice(from, from + MOST_OF_PANIC);
}

function noRoom(context: StepContext, status: SupervisorStatus): IgniteError {
  const { name } = context.vm.record.metadata;
  const message = `${name} was halted while it booted: the file system of ${context.paths.directory}, or of one of its volumes, is full`;
  return new IgniteError('host/disk-full', message, { stage: stageOf(status) });
}

function silent(
  context: StepContext,
  status: SupervisorStatus,
  words: LastWords,
  timeoutMs: number,
): IgniteError {
  const { name } = context.vm.record.metadata;
  const seconds = Math.round(timeoutMs / 1000);
  const told = lastNote(status);
  return new IgniteError(
    'start/guest-silent',
    `${name} did not report within ${seconds} s${told ? `; its last word: ${told}` : ''}`,
    { stage: stageOf(status), ...words },
  );
}

function lastNote(status: SupervisorStatus): string | undefined {
  return status.notes.findLast((note) => note.text !== '')?.text;
}

function stageOf(status: SupervisorStatus): string {
  return status.notes.at(-1)?.stage ?? 'boot';
}
