// The program `ignited`: options, configuration, signals, exit status.
import { type AttachSource, isIgniteError } from '@ignite/api';
import { versionText } from '@ignite/api/program-version';
import { chdir } from 'node:process';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { completionScript } from './completion.ts';
import { type EndingSignals, hearEndingSignals } from './ending-signals.ts';
import { handOver } from './hand-over.ts';
import { loadConfiguration } from './configuration.ts';
import { createLogger } from './logger.ts';
import { unlessServed } from './other-daemon.ts';
import { type DaemonOptions, optionWords, readOptions, USAGE } from './options.ts';
import { withNewVms } from './new-vm-options.ts';
import { findPrograms } from './programs.ts';
import { BUILD_COMMIT, VERSION } from './version.ts';
import { type Daemon, startDaemon } from './wire.ts';

const UMASK = 0o077;
const LINGER_MS = 5_000;
/** Longer than all the deadlines of an end in order (engine/src/create-engine.ts). */
const ENDED_WITHIN_MS = 75_000;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env, process.getuid?.() ?? 0);
  if (options.command === 'help') return say(USAGE);
  if (options.command === 'version')
    return say(`${await versionText(options.form, VERSION, BUILD_COMMIT)}\n`);
  if (options.command === 'completion') return say(completionScript(options.form, optionWords()));
  return run(options);
}

async function run(options: DaemonOptions): Promise<number> {
  process.umask(UMASK);
  chdir('/');
  const log = createLogger(options.logLevel, join(options.stateDirectory, 'ignited.log'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'A failure that nobody waited for'));
  const signals = hearEndingSignals(process);
  const daemon = await startOrUndefined(options, log);
  if (daemon === undefined) return await beside(options, signals, log);
  signals.endWith((name) => daemon.stop(name));
  process.on('SIGHUP', () => {}); // the terminal it was started from is not its business
  await daemon.ending;
  // An end that hangs does no more good; the next daemon takes over from this one as from any that was killed.
  setTimeout(() => {
    log.error('The end in order hangs');
    process.exit(1);
  }, ENDED_WITHIN_MS).unref();
  await daemon.ended;
  // systemd and others that wait for the end of this process must not wait for a connection that was left open.
  setTimeout(() => {
    log.warn('Something was still open');
    process.exit(0);
  }, LINGER_MS).unref();
  return 0;
}

/** undefined: another daemon has the state directory, and ours only brings a source. */
async function startOrUndefined(options: DaemonOptions, log: Logger): Promise<Daemon | undefined> {
  const start = async (): Promise<Daemon> =>
    await startDaemon({
      options,
      configuration: withNewVms(await loadConfiguration(options.configurationFile), options.newVms),
      programs: findPrograms(import.meta.url),
      version: VERSION,
      commit: BUILD_COMMIT,
      env: process.env,
      log,
    });
  const socket = join(options.runDirectory, 'ignited.sock');
  try {
    return await unlessServed(socket, start, () =>
      log.info({ socket }, 'Another daemon has the state directory and does not answer: waiting for its end'),
    );
  } catch (error) {
    if (options.sources.length > 0 && isIgniteError(error, 'state/locked')) return undefined;
    throw error;
  }
}

/** Stays in front while the other daemon follows our sources. */
async function beside(options: DaemonOptions, signals: EndingSignals, log: Logger): Promise<number> {
  const ending = new AbortController();
  signals.endWith(() => ending.abort());
  process.on('SIGHUP', () => ending.abort());
  const socket = join(options.runDirectory, 'ignited.sock');
  log.info({ socket }, 'A daemon runs already and takes the source over');
  const say = (text: string) => log.info({ source: true }, text);
  const follow = (source: AttachSource) =>
    handOver(socket, { ...source, defaults: options.newVms }, say, ending.signal);
  await Promise.all(options.sources.map(follow));
  return 0;
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(isIgniteError(error) ? describe(error) : `${String(error)}\n`);
  process.exitCode = 1;
  setTimeout(() => process.exit(1), LINGER_MS).unref(); // what a failed start left open keeps nobody waiting
}

function describe(error: Error & { readonly entry: { readonly hint: string } }): string {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    causes.push(`  because: ${cause.message}`);
  return [`Error: ${error.message}`, ...causes, error.entry.hint, ''].join('\n');
}
