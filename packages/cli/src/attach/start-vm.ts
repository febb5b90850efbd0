// Starting a VM, detached or with its command in the foreground (CLI rules 4, 12 and 19).
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestBody } from '@ignite/api';
import { isIgniteError } from '@ignite/api/errors';
import type { Client, IgniteStream, OpenRequest, VmDocument } from '@ignite/client';
import { OPEN_KIND } from '@ignite/protocol';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { progressFor, showProgress } from '../output/progress.ts';
import { terminalOf } from '../terminal/raw-mode.ts';
import { exitCode, INTERRUPTED, pump, unheededLine, UNREAD } from './pump.ts';

/** Seconds a start may take before it is called failed, where `--timeout` says nothing. */
const START_SECONDS = 300;

/** Starts and waits until the VM is up. @param removeFailed that a VM which does not come up goes, even if we are gone by then */
export async function startDetached(
  context: CommandContext,
  client: Client,
  vm: VmDocument,
  wait: NonNullable<RequestBody<'startVm'>['wait']>,
  removeFailed = false,
): Promise<VmDocument> {
  const view = progressFor(context);
  try {
    const timeoutSeconds = context.flags.int('timeout') ?? START_SECONDS;
    const body = {
      wait,
      timeoutSeconds,
      ...(removeFailed ? { removeFailed } : {}),
      ...ignoredChecks(context),
    };
    return await client.startVm(vm.metadata.uid, body, { signal: context.signal, report: view.report });
  } finally {
    view.done();
  }
}

/**
 * `--ignore-preflight-checks` (CLI-S03), by the original's types in any case. Of what it checked a start of ours asks only
 * for what that VM cannot be without, and for ports that nobody else has: these can be passed over. A command without the
 * flag (`restart`) says nothing, and what was asked last holds.
 */
function ignoredChecks({ command, flags }: CommandContext): Pick<RequestBody<'startVm'>, 'ignoreHeldPorts'> {
  if (!command.flags.some(({ long }) => long === 'ignore-preflight-checks')) return {};
  const types = flags.list('ignore-preflight-checks').map((type) => type.trim().toLowerCase());
  return { ignoreHeldPorts: types.includes('port') || types.includes('all') };
}

/** What the foreground wants of a VM's command or console. */
export interface Foreground {
  readonly kind: 'app' | 'console';
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  /** A VM that does not come up goes, even if we are gone by then. */
  readonly removeFailed?: boolean;
}

/** How the foreground ended. */
export interface ForegroundEnd {
  readonly code: number;
  readonly detached: boolean;
}

/**
 * Starts with the output held until we read it, prints exactly what the command prints, and gives its exit code.
 * Failing before the guest runs is the start's own error, and Ctrl-C until then cancels.
 * @param onUp called when the guest runs: from then on a failure is no failed start
 */
export async function startForeground(
  context: CommandContext,
  client: Client,
  vm: VmDocument,
  wanted: Foreground,
  onUp: () => void = () => {},
): Promise<ForegroundEnd> {
  const { uid } = vm.metadata;
  const view = showProgress(context.out);
  const giveUp = new AbortController();
  const signal = AbortSignal.any([context.signal, giveUp.signal]);
  const timeoutSeconds = context.flags.int('timeout') ?? START_SECONDS;
  const started = client.startVm(
    uid,
    {
      attach: true,
      wait: 'agent',
      timeoutSeconds,
      ...(wanted.removeFailed === true ? { removeFailed: true } : {}),
      ...ignoredChecks(context),
    },
    { signal, report: view.report },
  );
  const running = () => {
    onUp();
    context.ownSignals();
  };
  started.then(running, () => {}); // a failure is handled below
  const opening = client.stream(uid, openRequest(context, wanted), { timeoutSeconds, signal: giveUp.signal });
  try {
    const stream = await firstFailure(started, opening);
    view.done();
    return await attached(context, vm, wanted, stream, { started, running });
  } catch (error) {
    giveUp.abort(error);
    throw error;
  } finally {
    view.done();
  }
}

/** The stream, unless the start fails: then its error, which says more than the stream's. */
async function firstFailure(
  started: Promise<unknown>,
  opening: Promise<IgniteStream>,
): Promise<IgniteStream> {
  const failed = started.then(() => new Promise<never>(() => {}));
  try {
    return await Promise.race([opening, failed]);
  } catch (error) {
    opening.catch(() => {});
    await started;
    throw error;
  }
}

/** The start while a stream is open. */
interface Starting {
  readonly started: Promise<unknown>;
  /** Told as soon as it is known, by the start's answer or by what the command prints. */
  readonly running: () => void;
}

/** Output flows at once; a start that fails meanwhile ends it. */
async function attached(
  context: CommandContext,
  vm: VmDocument,
  wanted: Foreground,
  stream: IgniteStream,
  starting: Starting,
): Promise<ForegroundEnd> {
  const { started } = starting;
  const startFailed = started.then(() => new Promise<never>(() => {}));
  const pumped = pumpForeground(context, vm, wanted, stream, starting).catch(async (error: unknown) => {
    await settledSoon(started); // a VM that ended before it was up: its start says why
    throw error;
  });
  pumped.catch(() => {}); // if the start failed first, its error is the one to report
  return await Promise.race([pumped, startFailed]);
}

/** How long a start may take to report why its VM is gone. */
const VERDICT_MS = 10_000;

/** Rejects with the start's failure if that comes within a few seconds. */
async function settledSoon(started: Promise<unknown>): Promise<void> {
  const timer = Promise.withResolvers<void>();
  const handle = setTimeout(timer.resolve, VERDICT_MS);
  try {
    await Promise.race([started, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}

async function pumpForeground(
  context: CommandContext,
  vm: VmDocument,
  wanted: Foreground,
  stream: IgniteStream,
  { started, running }: Starting,
): Promise<ForegroundEnd> {
  const { host, out, flags } = context;
  const end = await pump({
    host,
    out,
    stream,
    ...wanted,
    signals: !wanted.tty && (!flags.has('sig-proxy') || flags.bool('sig-proxy')),
    detachKeys: flags.string('detach-keys'),
    // A console speaks before the guest is up, a command only once it runs: its signals are the command's then.
    ...(wanted.kind === 'app' ? { onOutput: running } : {}),
  });
  const { name } = vm.metadata;
  if (end.kind === 'unread') {
    stream.leave();
    out.warn(`Nobody reads what it says; ${name} keeps running: \`ignite stop ${name}\` ends it`);
    return { code: UNREAD, detached: true };
  }
  if (end.kind === 'detached') {
    stream.leave();
    if (end.unheeded) out.warn(unheededLine(name));
    else out.note(`\nDetached; ${name} keeps running`);
    return { code: end.unheeded ? INTERRUPTED : 0, detached: true };
  }
  await started; // a command that ended before READY: the start's error says why
  return { code: exitCode(end.status), detached: false };
}

function openRequest({ host }: CommandContext, wanted: Foreground): OpenRequest {
  const kind = wanted.kind === 'app' ? OPEN_KIND.ATTACH : OPEN_KIND.CONSOLE;
  return { kind, ...(wanted.tty ? { tty: terminalOf(host) } : {}) };
}

const CANCEL_ATTEMPTS = 5;
const CANCEL_WAIT_MS = 200;

/** How long the VM may take to end after its command has. */
const END_MS = 15_000;

/** The same where what it wrote to volumes and folders is on its way. */
const STORAGE_END_MS = 300_000;

/** Waits until a VM whose command has ended is stopped, so that `rm` needs no force. Not knowing is no failure. */
export async function waitForEnd(client: Client, vm: VmDocument): Promise<void> {
  if (vm.spec.restartPolicy.name !== 'no') return;
  const signal = AbortSignal.timeout(vm.spec.storage === undefined ? END_MS : STORAGE_END_MS);
  await client.waitVm(vm.metadata.uid, { condition: 'stopped' }, { signal }).catch(() => {});
}

/** Removes a VM that this command made and that did not come up. If that fails a note says so: the first error matters more. */
export async function removeFailed(context: CommandContext, client: Client, vm: VmDocument): Promise<void> {
  const name = escapeText(vm.metadata.name);
  if (context.flags.bool('keep-failed')) {
    context.out.warn(
      `The VM ${name} is kept: see \`ignite logs --console ${name}\`, then \`ignite rm -f ${name}\``,
    );
    return;
  }
  await removeQuietly(context, client, vm);
}

/** Removes a VM; it is no error if it is gone already. */
export async function removeQuietly(context: CommandContext, client: Client, vm: VmDocument): Promise<void> {
  try {
    await removeWhenFree(client, vm.metadata.uid);
  } catch (error) {
    if (isIgniteError(error) && error.entry.status === 404) return;
    const reason = error instanceof Error ? error.message : String(error);
    context.out.warn(`The VM ${vm.metadata.name} could not be removed: ${reason}`);
  }
}

/**
 * A start that is being cancelled may still hold the VM when the removal comes, or the daemon, which follows `--rm` too,
 * is faster: that is tried again.
 */
async function removeWhenFree(client: Client, uid: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.removeVm(uid, { force: true });
      return;
    } catch (error) {
      const passing = isIgniteError(error, 'host/cancelled') || isIgniteError(error, 'lifecycle/superseded');
      if (attempt === CANCEL_ATTEMPTS || !passing) throw error;
      await delay(CANCEL_WAIT_MS);
    }
  }
}
