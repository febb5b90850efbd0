// Times as Docker takes them: RFC 3339, a date, seconds since the epoch, or how long ago (`10m`, `1h30m`).
import { usage } from '../usage-error.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** RFC 3339 in UTC. @throws IgniteError `cli/usage` */
export function parseTime(flag: string, word: string, now: Date): string {
  const ago = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(word) ? duration(word) : undefined;
  if (ago !== undefined) return new Date(now.getTime() - ago).toISOString();
  if (/^\d+(\.\d+)?$/.test(word)) return new Date(Number(word) * 1000).toISOString();
  const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(word) ? `${word}T00:00:00` : word);
  if (Number.isNaN(time))
    throw usage(`${flag} takes a time such as 2026-01-02T15:04:05Z or 10m, not "${word}"`);
  return new Date(time).toISOString();
}

function duration(word: string): number {
  const parts = word.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  return [...parts].reduce(
    (sum, [, count = '0', unit = 's']) => sum + Number(count) * (UNIT_MS[unit] ?? 0),
    0,
  );
}
