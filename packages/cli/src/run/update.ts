// `ignite update`: each VM in turn; says of each what took effect at once and what waits.
import type { RequestBody } from '@ignite/api';
import { parseRestartPolicy } from '@ignite/api/restart-policy';
import { parseSize } from '@ignite/api/sizes';
import type { FlagValues } from '../argv/index.ts';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { readCaps } from '../request/caps.ts';
import { changedPolicy } from '../request/policy-words.ts';
import { inFlagWords } from '../request/in-flag-words.ts';
import { optional } from '../request/optional.ts';
import { usage } from '../usage-error.ts';
import { forEach } from './shared/each.ts';

type Body = RequestBody<'updateVm'>;

export async function run(context: CommandContext): Promise<number> {
  const { flags, operands, out, signal } = context;
  const body = bodyOf(flags);
  if (Object.keys(body).length === 0) throw usage('Say what to change, such as --memory 4GB');
  const client = await context.client();
  return await forEach(context, operands, async (word) => {
    const updated = client.updateVm(word, body, { signal });
    const { vm, live, atNextStart, writtenTo } = await updated.catch((error: unknown) => {
      throw inFlagWords(error, context);
    });
    const { name, uid } = vm.metadata;
    if (flags.string('format') === 'json') {
      out.data(JSON.stringify({ uid, name, live, atNextStart, ...optional('writtenTo', writtenTo) }));
      return undefined;
    }
    out.note(writtenTo === undefined ? sentence(name, live, atNextStart) : written(name, writtenTo));
    return uid;
  });
}

/** A change of a manifest holds when its source applied it; on another branch, when somebody merged that. */
function written(name: string, branch: string): string {
  return `Written for "${escapeText(name)}" into its manifest, on the branch ${escapeText(branch)}`;
}

function sentence(name: string, live: readonly string[], atNextStart: readonly string[]): string {
  const fields = (paths: readonly string[]) => paths.map((path) => path.replace(/^spec\.(resources\.)?/, ''));
  const said = [
    ...(live.length === 0 ? [] : [`${fields(live).join(', ')} at once`]),
    ...(atNextStart.length === 0 ? [] : [`${fields(atNextStart).join(', ')} at the next start`]),
  ];
  return said.length === 0
    ? `"${escapeText(name)}" is so already`
    : `Updated "${escapeText(name)}": ${said.join('; ')}`;
}

/** Caps by the flags that name them. */
const CAPS = [
  ['disk-iops', 'diskIops'],
  ['disk-bw', 'diskBandwidth'],
  ['net-bw', 'networkBandwidth'],
  ['cpu-limit', 'cpuLimit'],
  ['pids-limit', 'pids'],
] as const;

function bodyOf(flags: FlagValues): Body {
  const restart = flags.string('restart');
  const cleared = CAPS.filter(([long]) => isZero(flags.string(long)));
  const clear = cleared.map(([, name]) => name);
  const resources = readCaps(
    flags,
    cleared.map(([long]) => long),
  );
  const policy = changedPolicy(flags);
  return {
    ...optional('cpus', flags.int('cpus')),
    ...optional('memory', flags.string('memory')),
    ...optional('diskSize', flags.string('size')),
    ...(restart === undefined ? {} : { restartPolicy: parseRestartPolicy(restart) }),
    ...(Object.keys(resources).length === 0 ? {} : { resources }),
    ...(clear.length === 0 ? {} : { clear }),
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
  };
}

/** `0`, `0MB`, `0.0`: take the cap away. */
function isZero(word: string | undefined): boolean {
  if (word === undefined) return false;
  if (/^0+(\.0+)?$/.test(word)) return true;
  return /^\d+\s*[a-z]+$/i.test(word) && parseSize(word) === 0;
}
