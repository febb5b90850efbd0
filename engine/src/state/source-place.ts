// What is kept of a source of manifests: a folder of its own, with git's settings and what was applied last.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { writeFileAtomic } from '../host/index.ts';
import { stateFile } from './files.ts';
import { type JsonFile, jsonFile } from './json-file.ts';
import { guarded } from './state-errors.ts';

export interface SourcePlace {
  /** For the bare clone; made by git. */
  readonly git: string;
  readonly gitConfig: string;
  readonly applied: JsonFile;
}

/**
 * Opens the place of a source.
 * @param manager `git:URL` or `folder:PATH`; the folder is named after its hash
 */
export async function sourcePlace(root: string, manager: string): Promise<SourcePlace> {
  const name = createHash('sha256').update(manager).digest('hex').slice(0, 16);
  const folder = stateFile(root, 'source', { name });
  const gitConfig = stateFile(root, 'sourceConfig', { name });
  await guarded('make', folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A repository of a person on this host belongs to somebody else; nothing of it is executed by a fetch.
    await writeFileAtomic(gitConfig, '[safe]\n\tdirectory = *\n');
  });
  return {
    git: stateFile(root, 'sourceGit', { name }),
    gitConfig,
    applied: jsonFile(stateFile(root, 'sourceApplied', { name })),
  };
}
