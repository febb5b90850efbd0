// Where daemons listen and keep their state (CLI rule 22, FORMATS "On disk").
import { join } from 'node:path';
import { usage } from '../usage-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The socket of the host's own daemon. */
export const SYSTEM_SOCKET = '/run/ignite/ignited.sock';
const SYSTEM_STATE = '/var/lib/ignite';

/** Socket and state folder of one daemon. */
export interface DaemonPlace {
  readonly socket: string;
  readonly state: string;
}

/** The host's daemon, which root starts. */
export function systemPlace(env: Environment): DaemonPlace {
  const run = env['IGNITE_RUN_DIR'];
  return {
    socket: run === undefined || run === '' ? SYSTEM_SOCKET : join(run, 'ignited.sock'),
    state: env['IGNITE_STATE_DIR'] ?? SYSTEM_STATE,
  };
}

/** The daemon of an ordinary user. */
export function userPlace(env: Environment): DaemonPlace {
  const home = env['HOME'] ?? '/nonexistent';
  const state =
    env['IGNITE_STATE_DIR'] ?? join(env['XDG_STATE_HOME'] || join(home, '.local/state'), 'ignite');
  const runtime = env['XDG_RUNTIME_DIR'];
  const run = env['IGNITE_RUN_DIR'] ?? (runtime ? join(runtime, 'ignite') : join(state, 'run'));
  return { socket: join(run, 'ignited.sock'), state };
}

/**
 * The path in `--host` or IGNITE_HOST: `/path` or `unix:///path`.
 * @throws IgniteError `cli/usage`
 */
export function socketOf(word: string): string {
  const path = word.startsWith('unix://') ? word.slice('unix://'.length) : word;
  if (!path.startsWith('/')) throw usage(`--host takes the path of a unix socket, not "${word}"`);
  return path;
}
