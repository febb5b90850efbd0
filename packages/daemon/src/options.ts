// The command line of `ignited`, and what of the environment counts.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { IgniteError } from '@ignite/api';
import type { AttachSource, NewVmDefaults } from '@ignite/api';
import type { LogLevel } from './logger.ts';
import { NEW_VM_OPTIONS, readNewVms } from './new-vm-options.ts';
import { readSources, SOURCE_OPTIONS } from './source-options.ts';

export interface DaemonOptions {
  readonly command: 'run' | 'version' | 'completion' | 'help';
  /** Form of `version`: short, json or yaml; of `completion`: the shell. */
  readonly form: string;
  readonly stateDirectory: string;
  readonly runDirectory: string;
  readonly configurationFile: string;
  readonly logLevel: LogLevel;
  /** Started on demand by the CLI: ends when there is nothing left to watch. */
  readonly background: boolean;
  /** Folders and repositories to follow from the start. */
  readonly sources: readonly AttachSource[];
  /** What VMs get that this daemon makes, before what the Configuration says (CFG-02). */
  readonly newVms: NewVmDefaults;
  /** Address at which metrics are served in addition to their socket. */
  readonly metrics?: string;
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

export const USAGE = `Usage: ignited [daemon | gitops URL... | version | completion SHELL] [flags]

The daemon that keeps Ignite's VMs. The CLI starts it when it is needed; systemd does with ignited.socket.

  ignited daemon        follows a folder of manifests; beside a daemon that runs already it hands the folder over
  ignited gitops URL    follows Git repositories in the same way: ssh, https, file
  ignited version       the version; -o short, json or yaml
  ignited completion    a completion script for bash, zsh or fish

Flags:
  --state-dir DIR       records, images, disks (root: /var/lib/ignite; else $XDG_STATE_HOME/ignite)
  --run-dir DIR         socket and what dies with the boot (root: /run/ignite; else $XDG_RUNTIME_DIR/ignite)
  --ignite-config FILE  Configuration (default /etc/ignite/config.yaml if it is there)
  --log-level LEVEL     panic, fatal, error, warn, info, debug, trace (default info)
  --metrics ADDR:PORT   serve /metrics there too, besides metrics.sock in the run directory
  --background          end when no VM runs and nobody has asked for anything for five minutes

Flags of daemon:
  --manifests DIR       the folder (default /etc/firecracker/manifests, the original's)

Flags of gitops:
  -b, --branch NAME     branch to follow (default: the one HEAD of the repository names)
  --path DIR            only this folder of the repository
  --interval 30s        time between looks
  --timeout 1m0s        for one Git operation
  --identity-file FILE  private key for ssh; without it the agent of SSH_AUTH_SOCK
  --hosts-file FILE     known hosts (default ~/.ssh/known_hosts)
  --https-username NAME, --https-token-file FILE
                        for https; the token may also be in IGNITE_GIT_TOKEN
  --https-password WORD the same, seen by everybody who lists processes
  --credential-helper NAME, --ca-file FILE
                        a helper of git-credential; certificates of the server

  --write-back WHERE    commit what is changed by hand (stop, start, update): branch, one of its own;
                        main, the followed one; ignite, the original's way: manifests whole, with status
  --write-branch NAME   the branch of its own (default ignite/HOSTNAME)

Flags of both:
  -l, --selector SEL    only objects with such labels: one repository for many hosts

Flags of all three, for the VMs that are made; each before the same field of the Configuration. VMs that are there stay as they are:
  --runtime NAME        who runs their supervisors: process, containerd, docker (default process)
  --network-plugin NAME their network: bridge, user, cni, docker-bridge (default bridge; user where the daemon is not root)
  --id-prefix WORD      PREFIX-UID is the name of their containers and their id in CNI (default ignite)

  -h, --help            this text
      --version         the version
`;

/** Reads argv (without node and script). @throws IgniteError `daemon/usage` */
export function readOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
): DaemonOptions {
  const { values, positionals } = parse(argv);
  const level = LEVELS[values['log-level'] ?? 'info'];
  if (level === undefined) throw new IgniteError('daemon/usage', `"${values['log-level']}" is no log level`);
  const places = uid === 0 ? systemPlaces() : userPlaces(env);
  return {
    command: commandOf(values, positionals),
    form: positionals[0] === 'completion' ? (positionals[1] ?? 'bash') : formOf(values.output),
    stateDirectory: values['state-dir'] ?? env['IGNITE_STATE_DIR'] ?? places.state,
    runDirectory: values['run-dir'] ?? env['IGNITE_RUN_DIR'] ?? places.run,
    configurationFile: values['ignite-config'] ?? env['IGNITE_CONFIG'] ?? '/etc/ignite/config.yaml',
    logLevel: level,
    background: values.background === true,
    ...(values.metrics === undefined ? {} : { metrics: values.metrics }),
    newVms: readNewVms(values, uid),
    sources: readSources(positionals, values, env),
  };
}

function commandOf(
  { help, version }: { readonly help?: boolean; readonly version?: boolean },
  [word]: readonly string[],
): DaemonOptions['command'] {
  if (help === true) return 'help';
  if (version === true || word === 'version') return 'version';
  return word === 'completion' ? 'completion' : 'run';
}

function formOf(word: string | undefined): string {
  if (word !== undefined && !['short', 'json', 'yaml'].includes(word))
    throw new IgniteError('daemon/usage', `--output takes one of short, json, yaml, not "${word}"`);
  return word ?? 'short';
}

const OPTIONS = {
  'state-dir': { type: 'string' },
  'run-dir': { type: 'string' },
  'ignite-config': { type: 'string' },
  'log-level': { type: 'string' },
  background: { type: 'boolean' },
  metrics: { type: 'string' },
  ...SOURCE_OPTIONS,
  ...NEW_VM_OPTIONS,
  output: { type: 'string', short: 'o' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Commands and flags, for completion. */
export function optionWords(): readonly string[] {
  return ['daemon', 'gitops', 'version', 'completion', ...Object.keys(OPTIONS).map((name) => `--${name}`)];
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], strict: true, allowPositionals: true, options: OPTIONS });
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
