// The words of `ignite events`: from when, until when, which. Numbers are the events' own; times are RFC 3339, seconds
// since the epoch as `@1767225600`, or how long ago.
import type { EventBody } from '@ignite/api';
import { readSeconds } from '@ignite/api/durations';
import { usage } from '../usage-error.ts';

export interface Since {
  /** What the daemon is asked for. */
  readonly query: { readonly since?: number };
  /** Milliseconds since the epoch; earlier events are passed over. */
  readonly time: number;
}

const ALWAYS = Number.NEGATIVE_INFINITY;

/** @throws IgniteError `cli/usage` */
export function readSince(word: string | undefined, now: Date): Since {
  if (word === undefined) return { query: {}, time: ALWAYS };
  if (/^\d{1,15}$/.test(word)) return { query: { since: Number(word) }, time: ALWAYS };
  return { query: { since: 0 }, time: readTime('since', word, now) };
}

/** Milliseconds since the epoch. @throws IgniteError `cli/usage` */
export function readTime(flag: string, word: string, now: Date): number {
  const seconds = /^@(\d{1,12}(?:\.\d{1,9})?)$/.exec(word)?.[1];
  if (seconds !== undefined) return Number(seconds) * 1000;
  const time = /^\d{4}-\d\d-\d\d/.test(word) ? Date.parse(word) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  try {
    return now.getTime() - readSeconds(word) * 1000;
  } catch (cause) {
    throw usage(`--${flag} takes a time such as 2026-01-31T10:00:00Z or 10m, not "${word}"`, cause);
  }
}

/** Different keys must all hold; of several values of one key, one. @throws IgniteError `cli/usage` */
export function eventFilter(words: readonly string[]): (event: EventBody) => boolean {
  const pairs = words.map((word) => {
    const at = word.indexOf('=');
    if (at < 1) throw usage(`The filter "${word}" is none: write type=vm, event=die or vm=NAME`);
    return { key: word.slice(0, at), value: word.slice(at + 1) };
  });
  const byKey = [...Map.groupBy(pairs, ({ key }) => key)];
  return (event) =>
    event.kind === 'gap' || byKey.every(([key, some]) => some.some(({ value }) => holds(event, key, value)));
}

function holds(event: EventBody, key: string, value: string): boolean {
  switch (key) {
    case 'type':
      return event.kind === value;
    case 'event':
    case 'action':
      return event.action === value;
    case 'vm':
    case 'container':
      return event.name === value || (value !== '' && event.vm?.startsWith(value) === true);
    default:
      return event.attributes[key] === value;
  }
}
