// `--runtime`: who runs the supervisor of a VM, by the original's words and our own (CLI rule 23).
import type { RequestBody } from '@ignite/api';
import type { FlagValues } from '../argv/index.ts';

type Runtime = NonNullable<RequestBody<'createVm'>['spec']['runtime']>;

const RUNTIMES: readonly Runtime[] = ['process', 'containerd', 'docker'];

/** The word, which was checked when it was read; undefined without the flag. */
export function runtimeWord(flags: FlagValues): Runtime | undefined {
  const word = flags.string('runtime');
  return RUNTIMES.find((one) => one === word);
}
