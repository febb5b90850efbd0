// One run of the command line: argv in, exit status out.
import { IgniteError, isIgniteError } from '@ignite/api/errors';
import { type Client, createClient } from '@ignite/client';
import { byPath, type CommandSpec, type Invocation, type Misuse, readArgv } from './argv/index.ts';
import type { FlagValues } from './argv/values.ts';
import { commandTree } from './commands/index.ts';
import type { CommandContext } from './context.ts';
import type { CliHost } from './host.ts';
import { printError } from './output/errors.ts';
import { createOutput, type Output } from './output/output.ts';

/** Commands that exit with 125 for failures of Ignite itself, as other codes are the guest's (CLI rule 18). */
const GUEST_COMMANDS = new Set(['run', 'exec']);
const IGNITE_FAILED = 125;

export interface CliOptions {
  readonly host: CliHost;
  /** Finds, or starts, the daemon; tests hand in one of their own. */
  readonly connect?: (host: CliHost, flags: FlagValues, start: boolean) => Promise<Client | undefined>;
}

/** Runs one command line. Never throws. */
export async function runCli(argv: readonly string[], options: CliOptions): Promise<number> {
  const { host } = options;
  const read = readArgv(commandTree, argv);
  const quiet = 'error' in read ? false : read.flags.bool('quiet') || saysLess(read.flags);
  const out = createOutput({ stdout: host.stdout, stderr: host.stderr, quiet });
  const status = 'error' in read ? await misuse(out, read) : await invoke(out, read, options);
  await out.flush();
  if (out.failure === undefined) return status;
  printError(out, unwritten(out.failure));
  await out.flush();
  return status === 0 ? failedStatus(read.command) : status;
}

function unwritten(cause: Error): IgniteError {
  return new IgniteError('cli/output-unwritable', 'Not all of the output could be written', { cause });
}

/** The original's `--log-level` above `info` drops its sentences; errors are printed at every level. */
function saysLess(flags: FlagValues): boolean {
  return ['panic', 'fatal', 'error', 'warn', 'warning'].includes(flags.string('log-level') ?? 'info');
}

async function misuse(out: Output, { error, command }: Misuse): Promise<number> {
  printError(out, error);
  await printUsage(out, command);
  return failedStatus(command);
}

async function printUsage(out: Output, command: CommandSpec | undefined): Promise<void> {
  const { usageLines } = await import('./help/index.ts');
  for (const line of usageLines(command)) out.warn(line);
}

async function invoke(out: Output, read: Invocation, options: CliOptions): Promise<number> {
  const { command } = read;
  const aborter = new AbortController();
  const release = watchInterrupts(options.host, aborter);
  try {
    if (read.help) return await help(out, read, options.host);
    const context = createContext(out, read, options, aborter.signal, release);
    return await (await command.load()).run(context);
  } catch (error) {
    const shown = aborter.signal.aborted ? interruption(out, error) : error;
    if (!out.broken) printError(out, shown);
    if (isIgniteError(shown, 'cli/usage')) await printUsage(out, command);
    return exitStatus(command, shown);
  } finally {
    release();
  }
}

/** The error for anything that failed because of Ctrl-C, with the stage it came at. */
function interruption(out: Output, error: unknown): unknown {
  if (isIgniteError(error) && !isIgniteError(error, 'cli/interrupted')) return error;
  return new IgniteError(
    'cli/interrupted',
    'Interrupted',
    out.stage === undefined ? {} : { stage: out.stage },
  );
}

/** The first Ctrl-C cancels and cleans, the second ends us at once (CLI rule 19). */
function watchInterrupts(host: CliHost, aborter: AbortController): () => void {
  const interrupt = () => {
    if (aborter.signal.aborted) process.exit(130);
    aborter.abort(new IgniteError('cli/interrupted', 'Interrupted'));
  };
  const releases = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => host.onSignal(name, interrupt));
  return () => {
    for (const release of releases) release();
  };
}

function createContext(
  out: Output,
  read: Invocation,
  options: CliOptions,
  signal: AbortSignal,
  ownSignals: () => void,
): CommandContext {
  const { host } = options;
  const connect = options.connect ?? connectHost;
  let found: Promise<Client | undefined> | undefined;
  return {
    tree: commandTree,
    ...read,
    out,
    host,
    signal,
    ownSignals,
    runningClient: () => connect(host, read.flags, false),
    async client() {
      found ??= connect(host, read.flags, true);
      const client = await found;
      if (client === undefined) throw new IgniteError('cli/daemon-unreachable', 'No daemon answers');
      return client;
    },
  };
}

async function connectHost(host: CliHost, flags: FlagValues, start: boolean): Promise<Client | undefined> {
  const { findDaemon } = await import('./connect/index.ts');
  const socketPath = await findDaemon(host, flags.string('host'), start);
  return socketPath === undefined ? undefined : createClient({ socketPath });
}

async function help(out: Output, { command, group }: Invocation, host: CliHost): Promise<number> {
  const { helpLines, helpWidth } = await import('./help/index.ts');
  const whole = command === byPath(commandTree, ['help']);
  const subject = whole ? {} : group === undefined ? { command } : { group };
  for (const line of helpLines(commandTree, subject, helpWidth(host))) out.data(line);
  return 0;
}

/** Exit status of a failure: 126 and 127 as the catalogue says, 125 for the rest of `run` and `exec`. */
export function exitStatus(command: CommandSpec, error: unknown): number {
  const exit = error instanceof IgniteError ? error.entry.exit : 1;
  if (exit !== 1) return exit;
  return failedStatus(command);
}

function failedStatus(command: CommandSpec | undefined): number {
  return command !== undefined && GUEST_COMMANDS.has(command.path[0] ?? '') ? IGNITE_FAILED : 1;
}
