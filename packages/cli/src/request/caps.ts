// `--disk-iops`, `--disk-bw`, `--net-bw`, `--cpu-limit`, `--pids-limit`: caps on what a VM takes from the host.
import type { RequestBody } from '@ignite/api';
import type { FlagValues } from '../argv/index.ts';
import { usage } from '../usage-error.ts';
import { optional } from './optional.ts';

type Caps = NonNullable<RequestBody<'createVm'>['spec']['resources']>;

/** Those that were given. @param besides flags for something other than caps @throws IgniteError `cli/usage` */
export function readCaps(given: FlagValues, besides: readonly string[] = []): Caps {
  const flags = without(given, besides);
  const cpuLimit = flags.string('cpu-limit');
  return {
    ...optional('diskIops', positive(flags, 'disk-iops')),
    ...optional('diskBandwidth', flags.string('disk-bw')),
    ...optional('networkBandwidth', flags.string('net-bw')),
    ...optional('cpuLimit', cpuLimit === undefined ? undefined : cores(cpuLimit)),
    ...optional('pids', positive(flags, 'pids-limit')),
  };
}

type Words = Pick<FlagValues, 'string' | 'int'>;

function without(flags: FlagValues, besides: readonly string[]): Words {
  return {
    string: (long) => (besides.includes(long) ? undefined : flags.string(long)),
    int: (long) => (besides.includes(long) ? undefined : flags.int(long)),
  };
}

function positive(flags: Words, long: string): number | undefined {
  const value = flags.int(long);
  if (value === 0) throw usage(`--${long} takes a number above zero`);
  return value;
}

function cores(word: string): number {
  const value = /^\d{1,4}(\.\d{1,3})?$/.test(word) ? Number(word) : 0;
  if (value > 0) return value;
  throw usage(`--cpu-limit takes a number of cores such as 0.5 or 2, not "${word}"`);
}
