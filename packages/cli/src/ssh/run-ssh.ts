// SSH by the system's own client, with the VM's key or one of the caller's (SSH-01 to SSH-04).
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:net';
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';
import { saidBySsh, trustOptions } from './known-hosts.ts';
import { shellLine } from '../run/shared/guest-command.ts';

const CONNECT_SECONDS = 30;
const SSH_PORT = 22;
/** Time for one try: each starts a process of the guest's sshd, so that more of them make a slow guest slower still. */
const BANNER_MS = 10_000;

/** `exec` with a key: the words as the original joined them, no terminal unless asked for. */
export function execBySsh(context: CommandContext, vm: string): Promise<number> {
  return runSsh(context, vm, [shellLine(context.guest)], context.flags.bool('tty'));
}

/**
 * Runs ssh to its end; its exit status is the remote command's.
 * @param words what to run there; none is a shell
 */
export async function runSsh(
  context: CommandContext,
  vm: string,
  words: readonly string[],
  tty: boolean,
): Promise<number> {
  return await withTarget(context, vm, async (target) => {
    context.ownSignals(); // the terminal sends them to ssh as well
    const release = (['SIGINT', 'SIGQUIT'] as const).map((name) => context.host.onSignal(name, () => {}));
    try {
      const flags = [tty ? '-tt' : '-T', '-E', target.log, ...target.options];
      return await spawnProgram('ssh', [...flags, target.address, ...words]);
    } finally {
      for (const one of release) one();
    }
  });
}

/** How ssh and scp reach a VM. */
export interface SshTarget {
  /** `user@host` */
  readonly address: string;
  readonly host: string;
  /** Where the program is to write what it says itself. */
  readonly log: string;
  readonly options: readonly string[];
}

/** Finds address and key, waits for the SSH server, and removes the key's file at the end. */
export async function withTarget(
  context: CommandContext,
  vm: string,
  act: (target: SshTarget) => Promise<number>,
): Promise<number> {
  const { flags, host, signal } = context;
  const client = await context.client();
  const first = flags.bool('pin')
    ? await client.pinHostKeys(vm, { signal })
    : await client.sshAccess(vm, { signal });
  const seconds = flags.int('timeout') ?? CONNECT_SECONDS;
  await waitForPort(first.host, seconds, vm, signal);
  // A machine makes its keys when it boots first, so they may be there only now.
  const access = first.hostKeys === undefined ? await client.sshAccess(vm, { signal }) : first;
  const insecure = flags.bool('insecure');
  const identity = flags.string('identity');
  const folder = mkdtempSync(join(tmpdir(), 'ignite-ssh-'));
  try {
    const key =
      identity === undefined ? writeKey(folder, access.privateKey, vm) : resolve(host.cwd, identity);
    const settings = [
      ...trustOptions(folder, access, vm, insecure),
      ...SSH_SETTINGS,
      `ConnectTimeout=${Math.max(1, seconds)}`,
    ];
    const options = ['-i', key, ...settings.flatMap((setting) => ['-o', setting])];
    const log = join(folder, 'log');
    const code = await act({ address: `${access.user}@${access.host}`, host: access.host, log, options });
    host.stderr.write(saidBySsh(log, access, vm));
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SSH_SETTINGS = ['LogLevel=ERROR', 'IdentitiesOnly=yes', 'PasswordAuthentication=no'];

function writeKey(folder: string, key: string | undefined, vm: string): string {
  if (key === undefined)
    throw new IgniteError('cli/usage', `The VM ${vm} has no key of its own: name the private one with -i`);
  const path = join(folder, 'key');
  writeFileSync(path, key.endsWith('\n') ? key : `${key}\n`, { mode: 0o600 });
  return path;
}

async function waitForPort(host: string, seconds: number, vm: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + seconds * 1000;
  do {
    if (await answers(host)) return;
    await delay(200, undefined, { signal });
  } while (performance.now() < until);
  throw new IgniteError('cli/no-answer', `No SSH server answers in ${vm} at ${host} within ${seconds} s`);
}

function answers(host: string): Promise<boolean> {
  return new Promise((found) => {
    const socket = connect({ host, port: SSH_PORT, timeout: BANNER_MS });
    const end = (result: boolean) => () => {
      socket.destroy();
      found(result);
    };
    socket.once('data', end(true)); // the server's banner: listening alone could be a proxy
    socket.once('timeout', end(false));
    socket.once('error', end(false));
    socket.once('close', end(false));
  });
}

/**
 * Runs a program on our own terminal.
 * @param log file for what it says; absent: our own streams
 * @throws IgniteError `cli/program-missing`
 */
export function spawnProgram(program: string, args: readonly string[], log?: string): Promise<number> {
  return new Promise((settle, reject) => {
    const output = log === undefined ? 'inherit' : openSync(log, 'a', 0o600);
    const child = spawn(program, args, { stdio: ['inherit', output, output] });
    if (output !== 'inherit') closeSync(output);
    child.once('error', (cause) =>
      reject(
        new IgniteError(
          'cli/program-missing',
          `The program ${program} cannot be run; its package is openssh-client`,
          {
            cause,
          },
        ),
      ),
    );
    child.once('exit', (code, name) => settle(code ?? 128 + (name === null ? 0 : constants.signals[name])));
  });
}
