// Questions to the person at the terminal: asked on stderr, answered on stdin.
import { StringDecoder } from 'node:string_decoder';
import { IgniteError } from '@ignite/api/errors';
import type { CommandContext } from '../context.ts';

type Asker = Pick<CommandContext, 'host' | 'out' | 'signal'>;

/** Whether there is somebody to ask. */
export function canAsk({ host, out }: Asker): boolean {
  return host.stdin.isTTY === true && out.talksToTerminal;
}

/** Asks for `y`; everything else means no. */
export async function confirm(context: Asker, question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await askLine(context, `${question} [y/N] `)).trim());
}

/**
 * Asks for one line.
 * @param hidden what is typed is not shown: a password
 * @throws IgniteError `cli/interrupted` at Ctrl-C
 */
export async function askLine({ host, out, signal }: Asker, prompt: string, hidden = false): Promise<string> {
  const { stdin } = host;
  const answer = Promise.withResolvers<string>();
  const decoder = new StringDecoder('utf8');
  let line = '';
  const read = (piece: Buffer | string) => {
    for (const key of typeof piece === 'string' ? piece : decoder.write(piece)) {
      if (key === '\r' || key === '\n' || key === '\u0004') return answer.resolve(line);
      if (key === '\u0003') return answer.reject(new IgniteError('cli/interrupted', 'Interrupted'));
      line = key === '\u007f' || key === '\b' ? line.slice(0, -1) : line + key;
    }
  };
  const end = () => answer.resolve(line);
  const abort = () => answer.reject(signal.reason);
  out.draw(prompt);
  if (hidden) stdin.setRawMode?.(true);
  stdin.on('data', read).once('end', end).resume(); // an earlier question has paused it
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await answer.promise;
  } finally {
    signal.removeEventListener('abort', abort);
    stdin.off('data', read).off('end', end).pause();
    if (hidden) {
      stdin.setRawMode?.(false);
      out.draw('\n');
    }
  }
}
