// The fault switch of work trees: `IGNITE_FAULT=kill@7` ends the daemon at once at the seventh record it writes, before or
// after; `stop@7` makes the operation hang there for ever. A release is built without it (scripts/defines.ts).
import { pointsFor } from './fault-points.ts';
import type { FaultPoints } from '../state/index.ts';

/** What the environment asks for; undefined for nothing, and always in a release. */
export function faultSwitch(): FaultPoints | undefined {
  if (process.env['IGNITE_FAULT'] !== undefined)
    return pointsFor(process.env['IGNITE_FAULT'], () => process.kill(process.pid, 'SIGKILL'));
  return undefined;
}
