// What `IGNITE_FAULT` asks for: at the N-th record, before or after it is written, the daemon dies or an operation stands still.
import type { FaultPoints } from '../state/index.ts';

/** @param word `kill@N` or `stop@N`: N counts fault points from 1 @throws RangeError for another word */
export function pointsFor(word: string, die: () => void): FaultPoints {
  const [, how, number] = /^(kill|stop)@([0-9]{1,6})$/.exec(word) ?? [];
  if (number === undefined) throw new RangeError(`IGNITE_FAULT=${word} is no fault point`);
  let left = Number(number);
  return async () => {
    left -= 1;
    if (left !== 0) return;
    if (how === 'kill') die();
    await new Promise(() => {});
  };
}
