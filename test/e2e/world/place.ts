// Where the one daemon of the whole run has its files, handed from the setup to the test files by environment.
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
