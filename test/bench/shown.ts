// How soon a change that nobody asked the daemon for is shown: from the signal, or the guest's word, to the event that tells
// it, when state and record say so, too. VMs are the stand-in; supervisor, state directory and watching are the real ones.
import { setTimeout as delay } from 'node:timers/promises';
import { CHANGES, CHANGING, type Change } from '../integration/lifecycle/changes.ts';
import { CALL, openHouse, SERVES, START } from '../integration/lifecycle/house.ts';
import { buildPrograms } from '../integration/supervisor/world.ts';
import type { Bench } from './place.ts';
import { median, ms, print } from './table.ts';

/** Prints the table. */
export async function benchShown(_bench: Bench, rounds: number): Promise<void> {
  buildPrograms();
  const rows: string[][] = [];
  for (const change of CHANGES) {
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) took.push(await measure(change));
    rows.push([change.what, ms(median(took)), ms(Math.max(...took)), '2 s']);
  }
  print('Shown after', ['what', 'median', 'most', 'wanted'], rows);
}

async function measure({ change, event }: Change): Promise<number> {
  await using house = await openHouse();
  await house.create(CHANGING, SERVES);
  await house.vms.start(CHANGING, START);
  const begun = performance.now();
  await change(house);
  while (!house.engine.events.includes(`${event} ${CHANGING}`)) await delay(1);
  const took = performance.now() - begun;
  await house.vms.remove(CHANGING, true, CALL);
  return took;
}
