// `ignited completion SHELL`: its words and flags are few, and so the scripts hold them.
import { IgniteError } from '@ignite/api';

const SHELLS = ['bash', 'zsh', 'fish'];

/**
 * A completion script.
 * @param words commands and flags
 * @throws IgniteError `daemon/usage` for another shell
 */
export function completionScript(shell: string, words: readonly string[]): string {
  const list = words.join(' ');
  const bash = `complete -o default -W '${list}' ignited`;
  if (shell === 'bash') return `# bash completion for ignited\n${bash}\n`;
  if (shell === 'zsh') return `#compdef ignited\nautoload -U +X bashcompinit && bashcompinit\n${bash}\n`;
  if (shell === 'fish') return `# fish completion for ignited\ncomplete -c ignited -a '${list}'\n`;
  throw new IgniteError(
    'daemon/usage',
    `There is a completion for ${SHELLS.join(', ')}, but not for "${shell}"`,
  );
}
