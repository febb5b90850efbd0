// What `ignite system uninstall` deletes once no daemon runs: state but for volumes, the run folder, the programs.
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DaemonPlace } from '../connect/places.ts';

const VOLUMES = 'volumes';
/** The host-wide register of engines: engine/src/state/ordinals.ts. */
const ENGINES = '/run/ignite-engines';
/** Held while one of them chooses: engine/src/state/alone-on-host.ts. */
const ENGINES_LOCK = 'lock';

/** Deletes state and run folder. @returns the folder of the volumes that are kept, if there are any */
export async function removeState({ state, socket }: DaemonPlace): Promise<string | undefined> {
  await releaseOrdinal(state);
  await removeFolder(dirname(socket));
  const volumes = join(state, VOLUMES);
  const kept = (await list(volumes)).length > 0;
  await removeFolder(state, kept ? VOLUMES : undefined);
  return kept ? volumes : undefined;
}

/** What is in a folder but for one name, and the folder itself where it is empty and nothing is mounted there. */
async function removeFolder(folder: string, keep?: string): Promise<void> {
  for (const name of await list(folder))
    if (name !== keep) await rm(join(folder, name), { recursive: true, force: true });
  await rmdir(folder).catch(() => {}); // not there, not empty, or somebody mounts it
}

/** Deletes what `install.sh` put below the prefix. The running program keeps its open files. */
export async function removePrograms(prefix: string): Promise<void> {
  for (const path of [
    'bin/ignite',
    'bin/ignited',
    'lib/ignite',
    'lib/ignite.new',
    'lib/ignite.old',
    'share/doc/ignite',
  ])
    await rm(join(prefix, path), { recursive: true, force: true });
}

async function releaseOrdinal(state: string): Promise<void> {
  for (const name of await list(ENGINES)) {
    const path = join(ENGINES, name);
    const text = await readFile(path, 'utf8').catch(() => '');
    if (stateOf(text) === state) await rm(path, { force: true });
  }
  if (String(await list(ENGINES)) === ENGINES_LOCK) await rm(join(ENGINES, ENGINES_LOCK), { force: true });
  await rmdir(ENGINES).catch(() => {}); // another engine has one
}

function stateOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'stateDirectory' in value
      ? value.stateDirectory
      : undefined;
  } catch {
    return undefined;
  }
}

function list(folder: string): Promise<string[]> {
  return readdir(folder).catch((): string[] => []);
}
