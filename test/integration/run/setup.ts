// Before all integration tests: one folder for the temporary files of the whole run, so that the next run finds what this one
// leaves where it is cut by SIGKILL. After them the folder is removed with all that is in it.
import { chmod, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess, isAlive, type ProcessIdentity } from '../../../engine/src/host/index.ts';
import { clearFolder } from './clear-folder.ts';

const RUN_PREFIX = 'ignite-it-';
const RUNNER_FILE = 'runner.json';
/** As of the host's own folder for temporary files: tests make folders there as other users, too. */
const EVERYBODYS = 0o1777;

const running: { folder?: string } = {};

/** Called by `node --test` before the first file; what it puts into the environment reaches every file. */
export async function globalSetup(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (!name.startsWith(RUN_PREFIX) || !(await isOfDeadRun(folder))) continue;
    process.stderr.write(`Clearing what a run has left that was cut: ${folder}\n`);
    await clearFolder(folder);
  }
  const folder = await mkdtemp(join(tmpdir(), RUN_PREFIX));
  await writeFile(join(folder, RUNNER_FILE), JSON.stringify(identifyProcess(process.pid)));
  await chmod(folder, EVERYBODYS);
  running.folder = folder;
  process.env['TMPDIR'] = folder;
}

/** Called after the last file. */
export async function globalTeardown(): Promise<void> {
  if (running.folder !== undefined) await clearFolder(running.folder);
}

/** One without the file is of a run that begins. */
async function isOfDeadRun(folder: string): Promise<boolean> {
  try {
    return !isAlive(JSON.parse(await readFile(join(folder, RUNNER_FILE), 'utf8')) as ProcessIdentity);
  } catch {
    return false;
  }
}
