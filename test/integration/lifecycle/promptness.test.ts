// What is shown follows the host by events. The engine's clock is one whose waits of up to a second are over at once, while
// longer ones never end: whatever is shown here is shown without a wait of more than a second, however slow this host is.
// (How long it takes by the host's own clock: `npm run bench -- shown`.)
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { type Clock, hostClock } from '../../../engine/src/host/index.ts';
import { buildPrograms, eventually } from '../supervisor/world.ts';
import { CHANGES, CHANGING } from './changes.ts';
import { House, SERVES, START } from './house.ts';

const LONGEST_MS = 1_000;

before(buildPrograms);

/** A house on a clock without long waits, with a VM that runs. */
async function promptHouse(): Promise<House> {
  const house = new House(await mkdtemp(join(tmpdir(), 'ignite-prompt-')));
  const sleep: Clock['sleep'] = async (ms, signal) => {
    if (ms <= LONGEST_MS) return new Promise((resolve) => setImmediate(resolve));
    await new Promise((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  house.outside.clock = { ...hostClock(), sleep };
  await house.open();
  await house.create(CHANGING, SERVES);
  await house.vms.start(CHANGING, START);
  return house;
}

describe('shown without a wait of more than a second', () => {
  for (const { what, change, shown, event } of CHANGES)
    test(what, async () => {
      await using house = await promptHouse();
      await change(house);
      await house.becomes(CHANGING, shown);
      await eventually(
        () => house.engine.events,
        (events) => events.includes(`${event} ${CHANGING}`),
      );
      assert.equal(house.state(CHANGING), shown);
    });
});
