// `ignite completion` and the hidden command behind it as data.
import type { CommandSpec } from '../argv/spec.ts';

/** Print a completion script. */
export const completion: CommandSpec = {
  path: ['completion'],
  summary: 'Print a completion script for a shell',
  description: `Prints a script that completes commands, flags and names of VMs, images and kernels.`,
  operands: '[SHELL]',
  fewest: 0,
  most: 1,
  offers: ['bash', 'zsh', 'fish'],
  flags: [],
  examples: [
    { text: 'In bash', command: 'source <(ignite completion bash)' },
    { text: 'In zsh', command: 'source <(ignite completion zsh)' },
    { text: 'In fish', command: 'ignite completion fish | source' },
  ],
  load: () => import('../run/completion.ts'),
};

/** What completion scripts ask: candidates for the last word, one a line. */
export const complete: CommandSpec = {
  path: ['__complete'],
  summary: 'Candidates for the last word',
  description: 'Called by completion scripts with the words typed so far.',
  operands: '[WORD...]',
  fewest: 0,
  guestWords: true,
  most: 0,
  flags: [],
  hidden: true,
  examples: [{ text: 'VMs to stop', command: 'ignite __complete stop ""' }],
  load: () => import('../run/complete.ts'),
};
