// What the answers of a health check mean, as pure functions: Docker's rules (docs.docker.com, "HEALTHCHECK").
import type { HealthCheck } from '@ignite/api';
import type { HealthWord } from '@ignite/api/state-words';

/** A check with all that it needs; seconds have become milliseconds. */
export interface FullCheck {
  readonly kind: 'exec' | 'http' | 'tcp' | 'agent';
  readonly command: readonly string[];
  readonly port: number;
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  readonly retries: number;
}

export interface Health {
  readonly word: HealthWord;
  /** Failures in a row that count. */
  readonly failures: number;
  /** What the last check said that failed. */
  readonly output?: string;
}

/** What one check found. */
export interface Answer {
  readonly healthy: boolean;
  readonly output: string;
}

const DEFAULT_SECONDS = 30;
const DEFAULT_RETRIES = 3;
/** The checks of an untrusted image must neither keep the daemon busy nor flood the event log. */
const QUICKEST_OF_IMAGE_SECONDS = 1;

export const UNKNOWN: Health = { word: 'starting', failures: 0 };

/** The check that holds: what the VM says over what its image says; undefined for none. Zero is Docker's default. */
export function effectiveCheck(
  own: HealthCheck | undefined,
  image: HealthCheck | undefined,
): FullCheck | undefined {
  const { kind, command, port, path, interval, timeout, startPeriod, retries } =
    own?.kind === undefined ? { ...image, ...atMostOften(image?.interval), ...own } : own;
  if (kind === undefined || kind === 'none') return undefined;
  return {
    kind,
    command: command ?? [],
    port: port ?? 0,
    path: path ?? '/',
    intervalMs: (interval || DEFAULT_SECONDS) * 1000,
    timeoutMs: (timeout || DEFAULT_SECONDS) * 1000,
    startPeriodMs: (startPeriod ?? 0) * 1000,
    retries: retries || DEFAULT_RETRIES,
  };
}

function atMostOften(interval: number | undefined): Pick<HealthCheck, 'interval'> {
  return interval ? { interval: Math.max(interval, QUICKEST_OF_IMAGE_SECONDS) } : {};
}

/** The health after one more answer. @param sinceStartMs how long the VM has been up */
export function judge(before: Health, answer: Answer, check: FullCheck, sinceStartMs: number): Health {
  if (answer.healthy) return { word: 'healthy', failures: 0 };
  const output = answer.output;
  if (before.word === 'starting' && sinceStartMs < check.startPeriodMs) return { ...before, output };
  const failures = before.failures + 1;
  return { word: failures >= check.retries ? 'unhealthy' : before.word, failures, output };
}
