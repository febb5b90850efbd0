// Runs checks side by side, each with a deadline: doctor answers within seconds on any host.
import type { Check, Finding } from './check.ts';
import { failed, warning } from './check.ts';
import type { DoctorHost } from './host.ts';

export interface Result extends Finding {
  readonly name: string;
}

const DEADLINE_MS = 4_000;

/** The findings, in the order of the checks. A check that throws or hangs is a finding, too. */
export function runChecks(host: DoctorHost, checks: readonly Check[]): Promise<readonly Result[]> {
  return Promise.all(checks.map(async (check) => ({ name: check.name, ...(await runCheck(host, check)) })));
}

async function runCheck(host: DoctorHost, check: Check): Promise<Finding> {
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(
    () => late.resolve(warning('gave no answer in time', 'ignite doctor   # when the host is less busy')),
    DEADLINE_MS,
  );
  try {
    return await Promise.race([Promise.resolve(check.look(host)), late.promise]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed(`could not be checked: ${why}`, 'Report this, it is a mistake in Ignite');
  } finally {
    clearTimeout(timer);
  }
}
