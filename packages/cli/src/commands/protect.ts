// `ignite protect`, `ignite unprotect` and `ignite resume` as data.
import type { CommandSpec } from '../argv/spec.ts';

const common = { operands: 'VM...', fewest: 1, completes: ['vm'], flags: [] } as const;

/** Guard VMs against removal. */
export const protect: CommandSpec = {
  ...common,
  path: ['protect'],
  summary: 'Guard VMs against removal',
  description: `A guarded VM is not removed: not by rm, not by a prune, not by a manifest that would have to recreate it, until
\`ignite unprotect\`.`,
  examples: [{ text: 'Guard a database', command: 'ignite protect db' }],
  load: () => import('../run/protect.ts'),
};

/** Let VMs be removed again. */
export const unprotect: CommandSpec = {
  ...common,
  path: ['unprotect'],
  summary: 'Let guarded VMs be removed again',
  description: 'Ends what `ignite protect` began.',
  examples: [{ text: 'Before its removal', command: 'ignite unprotect db' }],
  load: () => import('../run/unprotect.ts'),
};

/** Let held VMs follow their manifest. */
export const resume: CommandSpec = {
  ...common,
  path: ['resume'],
  summary: 'Let VMs that were stopped or started by hand follow their manifest again',
  description: `\`ignite stop\` and \`ignite start\` hold a VM that a folder or a Git source manages against its manifest; \`ignite ps\` shows it.
This ends the hold and starts or stops the VM as its manifest says.`,
  examples: [{ text: 'After work on a VM', command: 'ignite resume web' }],
  load: () => import('../run/resume.ts'),
};
