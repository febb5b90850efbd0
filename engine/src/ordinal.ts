// Which of several engines of a host a new one is (DESIGN D13). Names on the host and user ids follow from it.
import { readdir } from 'node:fs/promises';
import { randomInt } from 'node:crypto';

/** Names of the bridge driver hold the ordinal in a byte's range (interface names have 15 bytes). */
const ORDINALS = 256;

export interface OrdinalInput {
  /** Lists a folder; empty where it is missing. */
  readonly list?: (folder: string) => Promise<readonly string[]>;
  /** A number from `from` to below `to`. */
  readonly random?: (from: number, to: number) => number;
}

/**
 * The ordinal for a new state directory: 0 where no other engine shows on the host and the directory is the
 * host's own. Any other is drawn by lot among those that do not show, as an engine without a VM shows nowhere.
 * @param own whether the state directory is the host's own, of which there is one
 */
export async function chooseOrdinal(own: boolean, input: OrdinalInput = {}): Promise<number> {
  const { list = listOptional, random = randomInt } = input;
  const names = [...(await list('/sys/class/net')), ...(await list('/run/netns'))];
  const taken = new Set(names.flatMap(ordinalOf));
  if (own && !taken.has(0)) return 0;
  const free = Array.from({ length: ORDINALS }, (_, ordinal) => ordinal).filter(
    (n) => n > 0 && !taken.has(n),
  );
  return free[random(0, Math.max(free.length, 1))] ?? 0;
}

/** `ign7` and `ignite-7-1a2b3c-ign7` are engine 7's. */
function ordinalOf(name: string): number[] {
  const [, link, netns] = /^(?:ign(\d{1,3})|ignite-(\d{1,3})-.*)$/.exec(name) ?? [];
  const text = link ?? netns;
  return text === undefined ? [] : [Number(text)];
}

async function listOptional(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}
