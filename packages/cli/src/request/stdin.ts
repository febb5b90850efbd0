// What a command reads from stdin, until it ends or somebody interrupts it: a person at a terminal may never end it.
import { addAbortSignal } from 'node:stream';
import type { CommandContext } from '../context.ts';
import type { InputStream } from '../host.ts';

/** stdin, which fails at Ctrl-C. */
export function stdinOf({ host, signal }: Pick<CommandContext, 'host' | 'signal'>): InputStream {
  return addAbortSignal(signal, host.stdin);
}
