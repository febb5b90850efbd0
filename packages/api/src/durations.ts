// Durations as Go and Docker write them: `1h2m3.5s`, `500ms`; and as timers take them.
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;

/** Seconds of a duration; a bare number is seconds. @throws RangeError */
export function readSeconds(text: string): number {
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Number(text);
  if (text.length > 64 || !WHOLE.test(text)) throw new RangeError(`No duration: ${text.slice(0, 80)}`);
  let seconds = 0;
  for (const [, number, unit = ''] of text.matchAll(PART)) seconds += Number(number) * (UNITS[unit] ?? 0);
  return seconds;
}

/** 24.8 days. Node ends a longer wait at once (its documentation, "Timers", setTimeout). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds as a timer takes them, for a wait that somebody chose: whole, and no longer than a timer can wait. */
export function timerMs(milliseconds: number): number {
  return Math.min(Math.ceil(milliseconds), LONGEST_TIMER_MS);
}
