// Starts one of our own Node programs where it can do no harm with what it reads: no network, a heap limit, a clean
// environment, only the descriptors it is given. Changing to its own uid is the program's first act (as root it can still
// read its own code from wherever Ignite is installed).
import { type ChildProcess, spawn } from 'node:child_process';
import { isIgniteError } from '@ignite/api';
import type { Commands } from './commands.ts';
import { HOST_PATH } from './host-path.ts';

/** What keeps the process from the network. */
export type NetworkCut =
  /** An empty network namespace, as root. */
  | 'namespace'
  /** An empty network namespace inside a user namespace, as an ordinary user. */
  | 'user-namespace'
  /** The host offers neither. */
  | 'none';

/** The started program. */
export type IsolatedChild = ChildProcess;

interface IsolatedProcess {
  /** Absolute path of the program's entry module. */
  readonly module: string;
  readonly cut: NetworkCut;
  /** Limit of the JavaScript heap, MiB. */
  readonly heapMiB: number;
  /** Descriptors the program gets from number 4 on; 0 is a pipe, 3 the message channel. */
  readonly descriptors: readonly number[];
}

/** Starts the program. Its stdout is discarded, stderr is a pipe; messages go over the channel of `ChildProcess.send`. */
export function startIsolated(options: IsolatedProcess): IsolatedChild {
  const node = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    `--max-old-space-size=${options.heapMiB}`,
    '--max-semi-space-size=4',
    options.module,
  ];
  const [program = process.execPath, ...args] = [...prefix(options.cut), ...node];
  return spawn(program, args, {
    stdio: ['pipe', 'ignore', 'pipe', 'ipc', ...options.descriptors],
    env: { PATH: HOST_PATH, LC_ALL: 'C' },
    cwd: '/',
    serialization: 'json',
  });
}

/**
 * Finds out how this host and user can cut a process off.
 * @throws IgniteError what kept the question from being answered: a host that is slow for a moment must not be taken
 *   for one that offers nothing
 */
export async function probeNetworkCut(commands: Commands, signal: AbortSignal): Promise<NetworkCut> {
  const cut: NetworkCut = process.getuid?.() === 0 ? 'namespace' : 'user-namespace';
  const [program = '', ...args] = prefix(cut);
  const works = await commands.run([program, ...args, 'true'], { signal }).then(() => true, refusal);
  return works ? cut : 'none';
}

/** False where the host has refused. @throws the error where it was not even asked, or did not answer */
function refusal(error: unknown): false {
  const missing = isIgniteError(error, 'host/program-missing');
  const ended = isIgniteError(error, 'host/command-failed') && Number(error.details['exitCode'] ?? -1) >= 0;
  if (missing || ended) return false;
  throw error;
}

// unshare(1) and setpriv(1) execute the program in their own place: the process we start is the process we signal.
function prefix(cut: NetworkCut): readonly string[] {
  const quiet = ['setpriv', '--no-new-privs', '--'];
  if (cut === 'namespace') return ['unshare', '--net', '--ipc', '--', ...quiet];
  if (cut === 'user-namespace')
    return ['unshare', '--user', '--map-current-user', '--net', '--ipc', '--', ...quiet];
  return [];
}
