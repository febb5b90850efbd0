// `--runtime`: who runs the supervisor of a VM, by the original's words and our own (CLI rule 23).
import type { RequestBody } from '@ignite/api';
import type { FlagValues } from '../argv/index.ts';
import { usage } from '../usage-error.ts';

type Runtime = NonNullable<RequestBody<'createVm'>['spec']['runtime']>;

const RUNTIMES: readonly Runtime[] = ['process', 'containerd', 'docker'];

/** The word; undefined without the flag. @throws IgniteError `cli/usage` */
export function runtimeWord(flags: FlagValues): Runtime | undefined {
  const word = flags.string('runtime');
  const runtime = RUNTIMES.find((one) => one === word);
  if (word === undefined || runtime !== undefined) return runtime;
  throw usage(`--runtime takes one of ${RUNTIMES.join(', ')}, not "${word}"`);
}
