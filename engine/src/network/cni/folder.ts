// Which configuration a VM gets: the first of the folder, or the one that was named.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IgniteError } from '@ignite/api';
import { namesIn } from '../../host/index.ts';
import {
  DEFAULT_CONFIGURATION,
  DEFAULT_FILE,
  isConfigurationFile,
  type NetworkConfiguration,
  parseConfiguration,
} from './configuration.ts';

export interface ConfigurationFolder {
  /** Absolute path: `/etc/cni/net.d`. */
  readonly path: string;
  /** Writes a file whole, or not at all. */
  readonly write: (path: string, text: string) => Promise<void>;
}

/**
 * The configuration of that name, else the first by the name of its file. A folder without any gets the default.
 * @throws IgniteError `network/cni-no-configuration`, `network/cni-bad-configuration`
 */
export async function findConfiguration(
  folder: ConfigurationFolder,
  name: string | undefined,
): Promise<NetworkConfiguration> {
  const files = await configurationFiles(folder.path);
  const [first] = files;
  if (first === undefined) {
    await writeDefault(folder);
    if (name === undefined || name === DEFAULT_CONFIGURATION.name) return DEFAULT_CONFIGURATION;
  } else if (name === undefined) {
    return read(join(folder.path, first));
  }
  const named = await findNamed(folder.path, files, name ?? '');
  if (named !== undefined) return named;
  throw new IgniteError(
    'network/cni-no-configuration',
    `No CNI configuration in ${folder.path} has the name ${name}`,
  );
}

/** A file that cannot be read hides no other; if no file has the name, the error of that one is reported. */
async function findNamed(
  path: string,
  files: readonly string[],
  name: string,
): Promise<NetworkConfiguration | undefined> {
  const troubles: unknown[] = [];
  for (const file of files) {
    try {
      const one = await read(join(path, file));
      if (one.name === name) return one;
    } catch (error) {
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw troubles[0];
  return undefined;
}

/** Names of the folder's configurations, in byte order as in libcni. */
async function configurationFiles(path: string): Promise<readonly string[]> {
  return (await namesIn(path)).filter(isConfigurationFile).toSorted();
}

async function read(path: string): Promise<NetworkConfiguration> {
  return parseConfiguration(await readFile(path, 'utf8'), path);
}

async function writeDefault({ path, write }: ConfigurationFolder): Promise<void> {
  await write(join(path, DEFAULT_FILE), `${JSON.stringify(DEFAULT_CONFIGURATION, null, 2)}\n`);
}
