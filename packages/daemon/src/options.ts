// The command line of `ignited`, and what of the environment counts.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { IgniteError } from '@ignite/api';
import type { LogLevel } from './logger.ts';

export interface DaemonOptions {
  readonly command: 'run' | 'version' | 'help';
  readonly stateDirectory: string;
  readonly runDirectory: string;
  readonly configurationFile: string;
  readonly logLevel: LogLevel;
  /** Started on demand by the CLI: ends when there is nothing left to watch. */
  readonly background: boolean;
}

const LEVELS: Readonly<Record<string, LogLevel>> = {
  panic: 'fatal',
  fatal: 'fatal',
  error: 'error',
  warn: 'warn',
  warning: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'trace',
};

export const USAGE = `Usage: ignited [flags]

The daemon that keeps Ignite's VMs. The CLI starts it when it is needed; systemd does with ignited.socket.

Flags:
  --state-dir DIR       records, images, disks (root: /var/lib/ignite; else $XDG_STATE_HOME/ignite)
  --run-dir DIR         socket and what dies with the boot (root: /run/ignite; else $XDG_RUNTIME_DIR/ignite)
  --ignite-config FILE  Configuration (default /etc/ignite/config.yaml if it is there)
  --log-level LEVEL     panic, fatal, error, warn, info, debug, trace (default info)
  --background          end when no VM runs and nobody has asked for anything for five minutes
  -h, --help            this text
      --version         the version
`;

/** Reads argv (without node and script). @throws IgniteError `daemon/usage` */
export function readOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
): DaemonOptions {
  const values = parse(argv);
  const level = LEVELS[values['log-level'] ?? 'info'];
  if (level === undefined) throw new IgniteError('daemon/usage', `"${values['log-level']}" is no log level`);
  const places = uid === 0 ? systemPlaces() : userPlaces(env);
  return {
    command: values.help === true ? 'help' : values.version === true ? 'version' : 'run',
    stateDirectory: values['state-dir'] ?? env['IGNITE_STATE_DIR'] ?? places.state,
    runDirectory: values['run-dir'] ?? env['IGNITE_RUN_DIR'] ?? places.run,
    configurationFile: values['ignite-config'] ?? env['IGNITE_CONFIG'] ?? '/etc/ignite/config.yaml',
    logLevel: level,
    background: values.background === true,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      options: {
        'state-dir': { type: 'string' },
        'run-dir': { type: 'string' },
        'ignite-config': { type: 'string' },
        'log-level': { type: 'string' },
        background: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new IgniteError('daemon/usage', cause instanceof Error ? cause.message : 'Wrong arguments');
  }
}

function systemPlaces() {
  return { state: '/var/lib/ignite', run: '/run/ignite' };
}

function userPlaces(env: Readonly<Record<string, string | undefined>>) {
  const state = join(env['XDG_STATE_HOME'] || join(env['HOME'] ?? homedir(), '.local/state'), 'ignite');
  const runtime = env['XDG_RUNTIME_DIR'];
  return { state, run: runtime ? join(runtime, 'ignite') : join(state, 'run') };
}
