// Starts `ignited --background` on demand and waits until its socket answers (DESIGN D1). Nothing is printed.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { IgniteError } from '@ignite/api/errors';
import type { CliHost } from '../host.ts';
import { childProcess } from '../lazy.ts';
import type { DaemonPlace } from './places.ts';
import { probeSocket } from './probe.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const DEADLINE_MS = 30_000;
/** Another may have been quicker: how long to wait for that one after ours has ended. */
const OTHER_MS = 3_000;
const FOLDER_MODE = 0o711;
const LOG_LINES = 15;
/** What of the caller's environment the daemon needs: who it is, where its folders are, how the network is reached. */
const KEPT =
  /^(HOME|USER|LOGNAME|XDG_.*|IGNITE_(?!HOST$).*|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|(https?|no|all)_proxy)$/i;

/**
 * Starts a daemon at a place.
 * @throws IgniteError `cli/daemon-not-started` with the last lines of its log
 */
export async function startDaemon(host: CliHost, place: DaemonPlace): Promise<void> {
  const program = findIgnited(host);
  const log = join(place.state, 'ignited.log');
  const before = sizeOf(log);
  const ended = launch(program, log, host, place);
  const until = performance.now() + DEADLINE_MS;
  let limit = until;
  while (performance.now() < limit) {
    if ((await probeSocket(place.socket)) === 'open') return;
    if (ended.code !== undefined && ended.code !== 0 && limit === until)
      limit = Math.min(until, performance.now() + OTHER_MS);
    await delay(20);
  }
  throw notStarted(ended.code, log, before);
}

function launch(program: string, log: string, host: CliHost, place: DaemonPlace): { code?: number } {
  const ended: { code?: number } = {};
  const umask = process.umask(0o077);
  try {
    makeStateFolder(place.state);
    const output = openSync(log, 'a', 0o600);
    const child = childProcess().spawn(program, ['--background'], {
      detached: true,
      cwd: '/',
      stdio: ['ignore', output, output],
      env: daemonEnvironment(host.env),
    });
    closeSync(output);
    child.once('error', () => {
      ended.code = 127;
    });
    child.once('exit', (code) => {
      ended.code = code ?? 1;
    });
    child.unref();
    return ended;
  } catch (cause) {
    throw new IgniteError('cli/daemon-not-started', `The daemon's log ${log} cannot be written`, { cause });
  } finally {
    process.umask(umask);
  }
}

/** VMMs, which have users of their own, pass through it to their disks (FORMATS "On disk"). */
function makeStateFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return; // it was there: its rights are its owner's
  for (let made = folder; made.length >= first.length; made = dirname(made)) chmodSync(made, FOLDER_MODE);
}

/** A clean environment: fixed PATH, nothing of the caller's shell but what is named above. */
export function daemonEnvironment(env: CliHost['env']): Record<string, string> {
  const kept = Object.entries(env).filter(([name, value]) => value !== undefined && KEPT.test(name));
  return { ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ''])), PATH, LC_ALL: 'C.UTF-8' };
}

/** `ignited` next to the launcher that started us, above this file, or in PATH. */
function findIgnited(host: CliHost): string {
  const beside = host.env['IGNITE_BIN_DIR'];
  const above = ancestors(import.meta.dirname).map((folder) => join(folder, 'bin'));
  const inPath = (host.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const folders = [...(beside === undefined ? [] : [beside]), ...above, ...inPath];
  const found = folders.map((folder) => join(folder, 'ignited')).find((path) => existsSync(path));
  if (found === undefined)
    throw new IgniteError(
      'cli/daemon-not-started',
      'The program ignited is neither next to ignite nor in PATH',
    );
  return found;
}

function ancestors(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [] : [parent, ...ancestors(parent)];
}

function notStarted(code: number | undefined, log: string, before: number): IgniteError {
  const how =
    code === undefined ? `did not answer within ${DEADLINE_MS / 1000} s` : `ended with exit code ${code}`;
  const lines = lastLines(log, before);
  const said = lines === '' ? undefined : new Error(`its log ${log} says:\n${lines}`);
  const hint =
    code === undefined
      ? `It may still be starting: try again; its log is ${log}, and \`ignite doctor\` checks the host.`
      : undefined;
  return new IgniteError('cli/daemon-not-started', `The daemon ${how}`, {
    cause: said,
    ...(hint === undefined ? {} : { details: { hint } }),
  });
}

/** What this start wrote: lines of earlier ones would only confuse. */
function lastLines(log: string, before: number): string {
  try {
    return readFileSync(log)
      .subarray(before)
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .slice(-LOG_LINES)
      .join('\n');
  } catch {
    return '';
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
