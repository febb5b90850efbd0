// The records of networks: one folder each below `networks`, loaded whole and replaced whole.
import { rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { namesIn, sweepTorn } from '../host/index.ts';
import { stateFile } from './files.ts';
import { type JsonFile, jsonFile } from './json-file.ts';
import { guarded } from './state-errors.ts';

/** Folder of the network that every engine has. */
const DEFAULT_NETWORK = 'default';

interface OfNetwork {
  /** Absent: the default network. */
  readonly uid?: string;
}

interface NetworkFiles {
  /** Parsed values; a file that is no JSON is left out. */
  all(): Promise<readonly unknown[]>;
  save(record: OfNetwork): Promise<void>;
  /** Removes the network's folder. */
  remove(record: OfNetwork): Promise<void>;
}

/** The records below a state directory. */
export function networkFiles(root: string): NetworkFiles {
  const files = new Map<string, JsonFile>(); // each with its queue: two writers would share a temporary file
  const fileOf = (path: string) => {
    const known = files.get(path) ?? jsonFile(path);
    files.set(path, known);
    return known;
  };
  const pathOf = ({ uid = DEFAULT_NETWORK }: OfNetwork) => stateFile(root, 'networkRecord', { uid });
  const folder = dirname(dirname(pathOf({})));
  return {
    all: async () => {
      const names = await folderNames(folder);
      const values = await Promise.all(names.map((name) => fileOf(join(folder, name, RECORD)).load()));
      return values.filter((value) => value !== undefined);
    },
    save: (record) => fileOf(pathOf(record)).save(record),
    remove: (record) => fileOf(pathOf(record)).removeFolder(),
  };
}

const RECORD = 'record.json';

/** Removes what the making, changing or removing of a network that was cut short left behind; on a read-only disk it stays. */
export async function sweepNetworks(root: string): Promise<void> {
  const folder = dirname(dirname(stateFile(root, 'networkRecord', { uid: DEFAULT_NETWORK })));
  for (const name of await folderNames(folder)) {
    await sweepTorn(join(folder, name), [RECORD]);
    await rmdir(join(folder, name)).catch(() => {}); // one that holds its record is not empty
  }
}

async function folderNames(folder: string): Promise<readonly string[]> {
  return (await guarded('read', folder, () => namesIn(folder))).toSorted();
}
