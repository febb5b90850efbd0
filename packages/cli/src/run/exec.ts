// `ignite exec`: runs a further command in a VM through the agent, or with a key by SSH (CLI rules 5 and 6).
import type { OpenRequest } from '@ignite/client';
import { OPEN_KIND } from '@ignite/protocol';
import { exitCode, INTERRUPTED, pump, UNREAD } from '../attach/pump.ts';
import type { CommandContext } from '../context.ts';
import { readEnv } from '../request/env.ts';
import { terminalOf } from '../terminal/raw-mode.ts';
import { requireTerminal } from '../terminal/require-terminal.ts';
import { usage } from '../usage-error.ts';
import { guestCommand } from './shared/guest-command.ts';

const WAIT_SECONDS = 30;

export async function run(context: CommandContext): Promise<number> {
  const { flags, guest, operands, signal } = context;
  const vm = operands[0] ?? '';
  if (guest.length === 0) throw usage('ignite exec needs a command for the guest: ignite exec VM COMMAND');
  if (!flags.bool('no-stdin')) requireTerminal(context);
  if (guest[0] === '') throw usage('The command for the guest is an empty word: is a variable unset?');
  if (flags.has('identity')) return await (await import('../ssh/run-ssh.ts')).execBySsh(context, vm);
  const open = await openRequest(context);
  const client = await context.client();
  const timeoutSeconds = flags.int('timeout') ?? WAIT_SECONDS;
  const stream = await client.stream(vm, open, { timeoutSeconds, signal });
  if (flags.bool('detach')) {
    stream.leave();
    return 0;
  }
  context.ownSignals();
  const { host, out } = context;
  const end = await pump({
    host,
    out,
    stream,
    stdin: !flags.bool('no-stdin'),
    tty: open.tty !== undefined,
    signals: open.tty === undefined,
    detachKeys: flags.string('detach-keys'),
  });
  if (end.kind === 'exit') return exitCode(end.status);
  if (end.kind === 'unread') {
    stream.close();
    return UNREAD;
  }
  stream.leave();
  if (!end.unheeded) return 0;
  out.warn(`\nThe command heeds no Ctrl-C and goes on: \`ignite top ${vm}\` shows it`);
  return INTERRUPTED;
}

async function openRequest({ flags, guest, host }: CommandContext): Promise<OpenRequest> {
  const env = await readEnv(flags.list('env-file'), flags.list('env'), host.env, host.cwd);
  const [cwd, user] = [flags.string('workdir'), flags.string('user')];
  return {
    kind: OPEN_KIND.EXEC,
    argv: guestCommand(guest),
    env,
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { user }),
    ...(flags.bool('tty') ? { tty: terminalOf(host) } : {}),
    detached: flags.bool('detach'),
  };
}
