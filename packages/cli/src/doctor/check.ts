// The shape of one check.
import type { DoctorHost } from './host.ts';

/** `failed`: VMs cannot run. `warning`: they can, but something is slower or missing. */
export type Verdict = 'ok' | 'warning' | 'failed';

export interface Finding {
  readonly verdict: Verdict;
  /** What was found, one sentence. */
  readonly text: string;
  /** What to type to repair it; always there unless `ok`. */
  readonly mend?: string;
}

export interface Check {
  /** A word for the table and for programs. */
  readonly name: string;
  readonly look: (host: DoctorHost) => Finding | Promise<Finding>;
}

/** All is well. */
export function ok(text: string): Finding {
  return { verdict: 'ok', text };
}

/** Works, but not as it could. */
export function warning(text: string, mend: string): Finding {
  return { verdict: 'warning', text, mend };
}

/** VMs cannot run like this. */
export function failed(text: string, mend: string): Finding {
  return { verdict: 'failed', text, mend };
}
