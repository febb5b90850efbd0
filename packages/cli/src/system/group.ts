// The group `ignite`: its members may use the host's daemon, which makes them equivalent to root (DESIGN D9).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostProgram } from './host-program.ts';
import type { UnitPlace } from './units.ts';

const GROUP = 'ignite';

/** Makes it where it is missing. @returns whether it was made */
export async function makeGroup(place: UnitPlace): Promise<boolean> {
  if ((await members(place)) !== undefined) return false;
  await hostProgram(['groupadd', '--system', ...prefixWords(place), GROUP], place.signal);
  return true;
}

/** Removes it unless somebody is in it: then it is their owner's. @returns whether one is left */
export async function removeGroup(place: UnitPlace): Promise<boolean> {
  const there = await members(place);
  if (there === undefined) return false;
  if (there.length > 0) return true;
  await hostProgram(['groupdel', ...prefixWords(place), GROUP], place.signal);
  return false;
}

/** undefined: there is no such group. */
async function members({ root }: UnitPlace): Promise<readonly string[] | undefined> {
  const text = await readFile(join(root, '/etc/group'), 'utf8').catch(() => '');
  const row = text.split('\n').find((line) => line.startsWith(`${GROUP}:`));
  return row
    ?.split(':')[3]
    ?.split(',')
    .filter((name) => name !== '');
}

function prefixWords({ root }: UnitPlace): readonly string[] {
  return root === '' ? [] : ['--prefix', root];
}
