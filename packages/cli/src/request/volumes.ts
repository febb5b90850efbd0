// `-v A:B[:ro]`: A is a block device, a volume or a folder (CLI rule 8). Decided before anything is made.
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RequestBody } from '@ignite/api';
import { isVolumeName } from '@ignite/api/names';
import { usage } from '../usage-error.ts';
import { unreadable } from './files.ts';

type Storage = NonNullable<RequestBody<'createVm'>['spec']['storage']>;
type Source = NonNullable<Storage['volumes']>[number];

export interface ReadVolumes {
  readonly storage: Storage;
  /** Paths of the host among them: the caller may open each. */
  readonly hostPaths: readonly string[];
}

/** Volumes of the words, named `volume0`, `volume1`… as the original did; undefined where there is none. */
export async function readVolumes(
  words: readonly string[],
  cwd: string,
  home?: string,
): Promise<ReadVolumes | undefined> {
  if (words.length === 0) return undefined;
  const volumes: Source[] = [];
  const volumeMounts: NonNullable<Storage['volumeMounts']> = [];
  const hostPaths: string[] = [];
  for (const [index, word] of words.entries()) {
    const { source, target, readOnly } = splitVolume(word);
    const name = `volume${index}`;
    volumeMounts.push({ name, mountPath: target, ...(readOnly ? { readOnly } : {}) });
    if (source.includes('/') || /^[.~]/.test(source)) {
      const path = hostPath(word, source, cwd, home);
      hostPaths.push(path);
      volumes.push({ name, ...(await hostSource(word, path, readOnly)) });
    } else if (isVolumeName(source)) volumes.push({ name, volume: { name: source } });
    else throw usage(`-v ${word}: "${source}" is no name of a volume`);
  }
  return { storage: { volumes, volumeMounts }, hostPaths };
}

function splitVolume(word: string): { source: string; target: string; readOnly: boolean } {
  const [source, target, mode = 'rw', extra] = word.split(':');
  const valid = target?.startsWith('/') && extra === undefined && (mode === 'rw' || mode === 'ro');
  if (!valid || !source || !target)
    throw usage(`-v takes SOURCE:PATH[:ro] with an absolute PATH, not "${word}"`);
  return { source, target, readOnly: mode === 'ro' };
}

/** A word with a slash that begins otherwise may be a mistyped volume: nothing is guessed. */
function hostPath(word: string, source: string, cwd: string, home: string | undefined): string {
  if (!/^[/.~]/.test(source))
    throw usage(`-v ${word}: a folder begins with /, . or ~, and a volume's name has no /`);
  if (!source.startsWith('~')) return resolve(cwd, source);
  const [, rest] = /^~(\/.*)?$/.exec(source) ?? [];
  if (home === undefined || (rest === undefined && source !== '~'))
    throw usage(`-v ${word}: only ~/ is known, the caller's own folder`);
  return resolve(home, `.${rest ?? ''}`);
}

/** What is at a path, which the caller may open: it is the daemon that will, with more rights. */
async function hostSource(word: string, path: string, readOnly: boolean): Promise<Omit<Source, 'name'>> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw usage(`-v ${word}: ${path} is not there`, cause);
  });
  if (!facts.isBlockDevice() && !facts.isDirectory())
    throw usage(`-v ${word}: ${path} is neither a block device nor a folder`);
  await access(path, readOnly ? constants.R_OK : constants.R_OK | constants.W_OK).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  return facts.isDirectory() ? { hostFolder: { path } } : { blockDevice: { path } };
}
