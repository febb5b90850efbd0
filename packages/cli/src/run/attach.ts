// `ignite attach`: the command's own streams, or the console (CLI rule 16). Works without a terminal.
import { IgniteError } from '@ignite/api/errors';
import { OPEN_KIND } from '@ignite/protocol';
import { exitCode, INTERRUPTED, pump, unheededLine, UNREAD } from '../attach/pump.ts';
import type { CommandContext } from '../context.ts';
import { DEFAULT_KEYS } from '../terminal/detach-keys.ts';
import { terminalOf } from '../terminal/raw-mode.ts';
import { isRunning } from './shared/vm-names.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, host, operands, out, signal } = context;
  const client = await context.client();
  const vm = await client.inspectVm(operands[0] ?? '', { signal });
  const { name, uid } = vm.metadata;
  if (!isRunning(vm)) throw new IgniteError('cli/not-running', `The VM ${name} is not running`);
  const console = flags.bool('console') || vm.bound?.mode === 'system';
  const tty = console ? host.stdin.isTTY === true : vm.spec.tty;
  const kind = console ? OPEN_KIND.CONSOLE : OPEN_KIND.ATTACH;
  const stream = await client.stream(uid, { kind, ...(tty ? { tty: terminalOf(host) } : {}) }, { signal });
  announce(context, name);
  context.ownSignals();
  const end = await pump({
    host,
    out,
    stream,
    stdin: !flags.bool('no-stdin') && (console || vm.spec.stdin || vm.spec.tty),
    tty,
    signals: !tty && !console && (!flags.has('sig-proxy') || flags.bool('sig-proxy')),
    detachKeys: flags.string('detach-keys'),
  });
  if (end.kind === 'exit') return exitCode(end.status);
  stream.leave();
  if (end.kind === 'unread') return UNREAD;
  if (end.unheeded) out.warn(unheededLine(name));
  else out.note('\nDetached');
  return end.unheeded ? INTERRUPTED : 0;
}

/** How to get a shell, then how to leave. */
function announce({ flags, out }: CommandContext, name: string): void {
  const keys = flags.string('detach-keys') ?? DEFAULT_KEYS;
  out.note(`For a shell: ignite exec -it ${name} sh`);
  out.note(`To leave: ${keys === DEFAULT_KEYS ? '^P^Q' : keys}`);
}
