// `-i` and `-t` together connect the guest's terminal to ours, as with Docker: then there has to be one.
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';

/**
 * Refuses `-it` where stdin is no terminal: the guest would echo and edit a pipe's bytes as if somebody typed them, and
 * never see its end. `-t` alone sends no stdin (`run`), and `-d` connects nothing.
 * @throws IgniteError `cli/no-terminal`
 */
export function requireTerminal({ flags, host }: Pick<CommandContext, 'flags' | 'host'>): void {
  if (!flags.bool('interactive') || !flags.bool('tty') || flags.bool('detach')) return;
  if (host.stdin.isTTY === true) return;
  throw new IgniteError('cli/no-terminal', '-i and -t together need a terminal, and stdin is none');
}
