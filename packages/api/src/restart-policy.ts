// Restart policies as Docker writes them: `no`, `on-failure:3`, `always`, `unless-stopped`.
import { IgniteError } from './errors/error.ts';

export const RESTART_POLICY_NAMES = ['no', 'on-failure', 'always', 'unless-stopped'] as const;

export interface RestartPolicy {
  readonly name: (typeof RESTART_POLICY_NAMES)[number];
  /** Only with `on-failure`; absent: no limit. */
  readonly maximumRetryCount?: number;
}

/**
 * Reads one word of `--restart`.
 * @throws IgniteError `api/invalid-restart-policy`
 */
export function parseRestartPolicy(text: string): RestartPolicy {
  const match = /^([a-z-]+)(?::([0-9]{1,9}))?$/.exec(text);
  const name = RESTART_POLICY_NAMES.find((known) => known === match?.[1]);
  if (name === undefined) throw invalid(text, 'is unknown');
  if (match?.[2] === undefined) return { name };
  if (name !== 'on-failure') throw invalid(text, 'takes no count');
  return { name, maximumRetryCount: Number(match[2]) };
}

function invalid(text: string, why: string): IgniteError {
  return new IgniteError('api/invalid-restart-policy', `The restart policy "${text.slice(0, 80)}" ${why}`);
}
