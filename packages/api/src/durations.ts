// Durations as Go and Docker write them: `1h2m3.5s`, `500ms`.
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
