// `ignite events`.
import type { EventBody } from '@ignite/api';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { asGoValue, compileTemplate } from '../views/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  const show = formatter(flags.string('format'));
  const since = flags.int('since');
  const follow = !flags.bool('no-follow');
  const client = await context.client();
  try {
    const query = { follow, ...(since === undefined ? {} : { since }) };
    for await (const event of client.events(query, { signal })) {
      out.data(show(event));
      if (out.broken) break;
    }
  } catch (error) {
    if (follow && signal.aborted) return 130; // the usual way to end it
    throw error;
  }
  return 0;
}

function formatter(format: string | undefined): (event: EventBody) => string {
  if (format === 'json') return (event) => JSON.stringify(event);
  if (format !== undefined) {
    const template = compileTemplate(format);
    return (event) => template(asGoValue(event));
  }
  return ({ time, kind, action, vm, name, attributes }) => {
    const facts = Object.entries({ ...(name === undefined ? {} : { name }), ...attributes });
    const list = facts.map(([key, value]) => `${key}=${value}`).join(', ');
    return escapeText(
      `${time} ${kind} ${action}${vm === undefined ? '' : ` ${vm}`}${list === '' ? '' : ` (${list})`}`,
    );
  };
}
