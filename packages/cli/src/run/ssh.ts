// `ignite ssh`.
import type { CommandContext } from '../context.ts';
import { runSsh } from '../ssh/run-ssh.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, guest, host, operands } = context;
  // A terminal is the default, but not where there is none to give.
  const tty = flags.has('tty') ? flags.bool('tty') : guest.length === 0 && host.stdin.isTTY === true;
  return await runSsh(context, operands[0] ?? '', guest, tty);
}
