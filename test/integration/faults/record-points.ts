// The records that a house's daemon writes into its journals as points at which a test can strike.
import type { House } from '../lifecycle/house.ts';
import type { FilePoints } from './file-points.ts';
import type { Fault } from './walk.ts';

/** Of what a network claims: every other record is walked without one, in fault-walk.test.ts. */
const OF_NETWORK = / (tap|rules|netns|link|cni|container) /;

/** A disk refuses a record before it is written. */
export function recordPoints(house: House, fault: Fault): FilePoints {
  const points: FilePoints = {
    strike: undefined,
    closeAll: async () => {},
    [Symbol.dispose]: () => delete house.outside.points,
  };
  house.outside.points = async (name) => {
    if (!OF_NETWORK.test(name)) return;
    if (fault === 'stands still' || name.startsWith('before')) await points.strike?.({ name, grows: true });
  };
  return points;
}
