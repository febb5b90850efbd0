// Times as Docker takes them: RFC 3339, a date, seconds since the epoch, or how long ago (`10m`, `1h30m`).
import { usage } from '../../usage-error.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** RFC 3339 in UTC. @throws IgniteError `cli/usage` */
export function parseTime(flag: string, word: string, now: Date): string {
  const ago = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(word) ? duration(word) : undefined;
  const time = new Date(ago === undefined ? moment(word) : now.getTime() - ago);
  if (Number.isNaN(time.getTime()))
    throw usage(`${flag} takes a time such as 2026-01-02T15:04:05Z or 10m, not "${word}"`);
  return time.toISOString();
}

/** NaN where it is none. */
function moment(word: string): number {
  if (/^\d+(\.\d+)?$/.test(word)) return Number(word) * 1000;
  return Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(word) ? `${word}T00:00:00` : word);
}

function duration(word: string): number {
  const parts = word.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  return [...parts].reduce(
    (sum, [, count = '0', unit = 's']) => sum + Number(count) * (UNIT_MS[unit] ?? 0),
    0,
  );
}
