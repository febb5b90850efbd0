// Names of the supervisor's files in the folders it is given (FORMATS, On disk), and reading the small ones.
import { join } from 'node:path';
import { readIfThere } from '../host/index.ts';
import type { ExitRecord } from './port.ts';
import { parseExitRecord, parseSpawnRecord, type SpawnRecord } from './schema.ts';

/** In a run directory. */
export const SOCKET_FILE = 'spawn.sock';
const RECORD_FILE = 'spawn.json';
export const LAUNCH_FILE = 'spawn.launch';
/** In a VM's folder. */
export const EXIT_FILE = 'exit.json';

/** spawn.json of a run directory, if it is there and whole. */
export async function readSpawnRecord(runDirectory: string): Promise<SpawnRecord | undefined> {
  const text = await readIfThere(join(runDirectory, RECORD_FILE));
  return text === undefined ? undefined : parseSpawnRecord(text);
}

/** An exit record, if it is there and whole. */
export async function readExitRecord(path: string): Promise<ExitRecord | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : parseExitRecord(text);
}
