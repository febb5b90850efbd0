// Where the one daemon of the whole run has its files, handed from the setup to the test files by environment.
import { mkdtemp, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export interface Place {
  readonly root: string;
  readonly state: string;
  readonly run: string;
  /** Scratch of the tests. */
  readonly scratch: string;
}

/** The variable that names the folder. */
export const PLACE_VARIABLE = 'IGNITE_E2E_FOLDER';
/** The variable that names the registry, `127.0.0.1:40123`. */
export const REGISTRY_VARIABLE = 'IGNITE_E2E_REGISTRY';

/** Downloads and builds that outlive a run. */
export const CACHE = resolve(import.meta.dirname, '../../../.cache/e2e');

/** The program under test: the checkout's, or an installed one named by `IGNITE_E2E_BIN`. */
export const IGNITE = process.env['IGNITE_E2E_BIN'] ?? resolve(import.meta.dirname, '../../../bin/ignite');

/** Paths below a folder. */
export function placeAt(root: string): Place {
  return { root, state: join(root, 'state'), run: join(root, 'run'), scratch: join(root, 'scratch') };
}

/** How the folders of runs begin, below the host's for temporary files. */
export const RUN_PREFIX = 'ignite-e2e-';
const OWN_PREFIX = 'own-';

/** A place of a test's own in that of its run, which sees to what the test cannot end when it is cut. */
export async function makeOwnPlace({ scratch }: Place): Promise<Place> {
  return placeAt(await mkdtemp(join(scratch, OWN_PREFIX)));
}

/** Those that are there now. */
export async function ownPlaces({ scratch }: Place): Promise<readonly Place[]> {
  const names = await readdir(scratch).catch((): string[] => []);
  return names.filter((name) => name.startsWith(OWN_PREFIX)).map((name) => placeAt(join(scratch, name)));
}

/** What tells the programs where a place is. */
export function variablesOf({ root, state, run }: Place): Readonly<Record<string, string>> {
  return { IGNITE_STATE_DIR: state, IGNITE_RUN_DIR: run, IGNITE_CONFIG: join(root, 'config.yaml') };
}

/** The place of this run. @throws Error outside of one */
export function place(): Place {
  return placeAt(fromSetup(PLACE_VARIABLE));
}

/** The registry of this run, host and port. */
export function registry(): string {
  return fromSetup(REGISTRY_VARIABLE);
}

function fromSetup(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error('Run these tests by `npm run test:e2e`, which prepares a daemon');
  return value;
}
