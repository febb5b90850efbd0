// Rounds of a measurement: things compared take turns, so that the load of others falls on each of them alike.

/** One thing to measure; a round gives its time in ms. */
export type Round = () => Promise<number>;

/** Runs every measurement `count` times, alternating; the order turns around in each second round. */
export async function alternate<K extends string>(
  count: number,
  measurements: Readonly<Record<K, Round>>,
): Promise<Record<K, number[]>> {
  const names = Object.keys(measurements) as K[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<K, number[]>;
  for (let round = 0; round < count; round += 1)
    for (const name of round % 2 === 0 ? names : names.toReversed())
      times[name].push(await measurements[name]());
  return times;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
