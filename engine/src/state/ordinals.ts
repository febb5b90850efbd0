// Which of several engines of a host this is (DESIGN D13): interface names and user ids follow from the ordinal. A
// host-wide folder below /run has one file for each ordinal that is in use; the first to make it has it. Whoever takes
// one is alone (alone-on-host.ts) until its state directory says so, too: until then it looks as if it were gone.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { hasErrno, makeFolder } from '../host/index.ts';
import { readFormat } from './format.ts';
import { guarded } from './state-errors.ts';

/** An engine's word that an ordinal is its own. */
interface Holder {
  readonly instance: string;
  readonly stateDirectory: string;
}

/** Interface names have room for this many (network/names.ts). */
const ORDINALS = 256;

export interface OrdinalRegistry {
  /** The lowest ordinal that no other engine has. @throws IgniteError `state/no-ordinal` */
  takeFree(holder: Holder): Promise<number>;
  /** The ordinal an engine has had before. @throws IgniteError `state/ordinal-taken` naming who has it now */
  takeBack(ordinal: number, holder: Holder): Promise<void>;
  /** Gives it up: nothing on the host carries it any more. */
  release(ordinal: number): Promise<void>;
  /** The engines there are. */
  holders(): Promise<readonly Holder[]>;
}

/**
 * @param folder absolute: `/run/ignite-engines`
 * @param shows whether something on the host carries an ordinal: an engine may be older than its file here
 */
export function ordinalRegistry(
  folder: string,
  shows: (ordinal: number) => Promise<boolean> = async () => false,
): OrdinalRegistry {
  const fileOf = (ordinal: number) => join(folder, String(ordinal));

  /** Who else has the ordinal; undefined: it is the holder's now. */
  const take = (ordinal: number, holder: Holder): Promise<Holder | undefined> =>
    guarded('write', fileOf(ordinal), async () => {
      await makeFolder(folder);
      const other = await readHolder(fileOf(ordinal));
      if (other !== undefined && other.instance !== holder.instance && (await isAlive(other))) return other;
      if (other !== undefined) await rm(fileOf(ordinal), { force: true });
      try {
        await writeFile(fileOf(ordinal), JSON.stringify(holder), { flag: 'wx', mode: 0o644 });
        return undefined;
      } catch (error) {
        if (hasErrno(error, 'EEXIST')) return (await readHolder(fileOf(ordinal))) ?? holder; // another was quicker
        throw error;
      }
    });

  return {
    takeFree: async (holder) => {
      for (let ordinal = 0; ordinal < ORDINALS; ordinal += 1)
        if (!(await shows(ordinal)) && (await take(ordinal, holder)) === undefined) return ordinal;
      throw new IgniteError('state/no-ordinal', `This host has ${ORDINALS} engines already`);
    },
    takeBack: async (ordinal, holder) => {
      const other = await take(ordinal, holder);
      if (other === undefined) return;
      throw new IgniteError(
        'state/ordinal-taken',
        `The engine of ${other.stateDirectory} has the number ${ordinal} of ${holder.stateDirectory}`,
      );
    },
    release: (ordinal) => guarded('delete', fileOf(ordinal), () => rm(fileOf(ordinal), { force: true })),
    holders: async () => {
      const names = (await readdir(folder)).filter((name) => /^[0-9]{1,3}$/.test(name));
      const found = await Promise.all(names.map((name) => readHolder(join(folder, name))));
      return found.filter((holder) => holder !== undefined);
    },
  };
}

/** A state directory that is gone, or was made anew, needs its ordinal no longer. */
async function isAlive({ instance, stateDirectory }: Holder): Promise<boolean> {
  try {
    return (await readFormat(stateDirectory))?.instance === instance;
  } catch {
    return true; // it cannot be read, which is no proof that it is gone
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(value) ? value : undefined;
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'instance' in value &&
    typeof value.instance === 'string' &&
    'stateDirectory' in value &&
    typeof value.stateDirectory === 'string'
  );
}
