// `-v A:B[:ro]`: A is a block device, a volume or a folder (CLI rule 8). Decided before anything is made.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { IgniteError } from '@ignite/api/errors';
import { usage } from '../usage-error.ts';

/** The part of a spec that block devices become. */
export interface Storage {
  volumes: { name: string; blockDevice: { path: string } }[];
  volumeMounts: { name: string; mountPath: string }[];
}

/** Volumes of the words, named `volume0`, `volume1`… as the original did; undefined where there is none. */
export async function readVolumes(words: readonly string[], cwd: string): Promise<Storage | undefined> {
  if (words.length === 0) return undefined;
  const storage: Storage = { volumes: [], volumeMounts: [] };
  for (const [index, word] of words.entries()) {
    const { source, target } = splitVolume(word);
    const path = await blockDevice(word, source, cwd);
    const name = `volume${index}`;
    storage.volumes.push({ name, blockDevice: { path } });
    storage.volumeMounts.push({ name, mountPath: target });
  }
  return storage;
}

function splitVolume(word: string): { source: string; target: string } {
  const [source, target, mode, extra] = word.split(':');
  const valid =
    source &&
    target?.startsWith('/') &&
    extra === undefined &&
    (mode === undefined || mode === 'rw' || mode === 'ro');
  if (!valid || !source || !target)
    throw usage(`-v takes SOURCE:PATH[:ro] with an absolute PATH, not "${word}"`);
  if (mode === 'ro') throw notYet(`-v ${word}: block devices cannot be given read-only by this version`);
  return { source, target };
}

async function blockDevice(word: string, source: string, cwd: string): Promise<string> {
  if (!source.includes('/') && !/^[.~]/.test(source)) {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(source))
      throw usage(`-v ${word}: "${source}" is no name of a volume`);
    throw notYet(`-v ${word}: this version has no named volumes`);
  }
  if (!/^[/.~]/.test(source))
    throw usage(`-v ${word}: a folder begins with /, . or ~, and a volume's name has no /`);
  const path = resolve(cwd, source);
  const facts = await stat(path).catch((cause: unknown) => {
    throw usage(`-v ${word}: ${path} is not there`, cause);
  });
  if (facts.isBlockDevice()) return path;
  if (facts.isDirectory())
    throw notYet(`-v ${word}: this version cannot share folders with a VM; use \`ignite cp\``);
  throw usage(`-v ${word}: ${path} is neither a block device nor a folder`);
}

function notYet(message: string): IgniteError {
  return new IgniteError('cli/not-available', message);
}
