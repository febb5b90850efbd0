// `ignite events`.
import type { EventBody } from '@ignite/api';
import { timerMs } from '@ignite/api/durations';
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { eventFilter, readSince, readTime } from '../request/event-words.ts';
import { asGoValue, compileTemplate } from '../views/index.ts';

export async function run(context: CommandContext): Promise<number> {
  const { flags, out, signal } = context;
  const show = formatter(flags.string('format'));
  const now = new Date();
  const since = readSince(flags.string('since'), now);
  const word = flags.string('until');
  const until = word === undefined ? undefined : readTime('until', word, now);
  const wanted = eventFilter(flags.list('filter'));
  const follow = !flags.bool('no-follow') && (until === undefined || until > now.getTime());
  const client = await context.client();
  const ended =
    until === undefined || !follow ? undefined : AbortSignal.timeout(timerMs(until - now.getTime()));
  const reading = ended === undefined ? signal : AbortSignal.any([signal, ended]);
  try {
    for await (const event of client.events({ ...since.query, follow }, { signal: reading })) {
      const at = Date.parse(event.time);
      if (at < since.time || (until !== undefined && at > until) || !wanted(event)) continue;
      out.data(show(event));
      if (out.broken) break;
    }
  } catch (error) {
    if (ended?.aborted === true) return 0;
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
