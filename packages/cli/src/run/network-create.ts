// `ignite network create`.
import type { CommandContext } from '../context.ts';
import { optional } from '../request/optional.ts';

export async function run({ flags, operands, out, signal, client }: CommandContext): Promise<number> {
  const [name = ''] = operands;
  const dns = flags.list('dns');
  const body = {
    name,
    ...optional('subnet', flags.string('subnet')),
    ...optional('mtu', flags.int('mtu')),
    ...(dns.length === 0 ? {} : { dns: [...dns] }),
  };
  const made = await (await client()).createNetwork(body, { signal });
  out.data(made.metadata.name);
  return 0;
}
