// What runs that were cut have left. A test that is killed ends nothing: its run's end does it, and where the runner was
// killed, too, the next run does. The program clears the host itself, as after any crash: a daemon is started on what is left.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess, isAlive, type ProcessIdentity } from '../../../engine/src/host/index.ts';
import { ignite } from './ignite.ts';
import { findLeftovers, findProcesses, killNow, readMark } from './leftovers.ts';
import { ownPlaces, type Place, placeAt, RUN_PREFIX, variablesOf } from './place.ts';
import { runProgram } from './program.ts';
import { waitFor } from './wait-for.ts';

const RUNNER_FILE = 'runner.json';
/** Programs of a test that was cut may wait for ever; they are killed. */
const ENDS_WITHIN_MS = 30_000;

/** Writes down whose folder it is. */
export async function noteRunner({ root }: Place): Promise<void> {
  await writeFile(join(root, RUNNER_FILE), JSON.stringify(identifyProcess(process.pid)));
}

/** Removes all that runs have left whose runner is gone, and says so. */
export async function clearCutRuns(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(RUN_PREFIX));
  for (const run of names.map((name) => placeAt(join(tmpdir(), name)))) {
    if (!(await isDead(run))) continue;
    process.stderr.write(`Clearing what a run has left that was cut: ${run.root}\n`);
    const left = [...(await clearOwn(run)), ...(await clear(run))];
    if (left.length > 0) process.stderr.write(`It cannot be removed:\n${left.join('\n')}\n`);
  }
}

/** Ends what tests began in folders of their own, and did not end. @returns what could not be removed */
export async function clearOwn(run: Place): Promise<readonly string[]> {
  const left: string[] = [];
  for (const own of await ownPlaces(run)) left.push(...(await clear(own)));
  return left;
}

/** Removes the VMs of a place and ends its daemon. @returns what went wrong */
export async function removeAll(place: Place, endsWithinMs?: number): Promise<readonly string[]> {
  const failures: string[] = [];
  const attempt = async (argv: readonly string[]) => {
    const { code, stdout, stderr } = await ignite(argv, { env: variablesOf(place) });
    if (code !== 0) failures.push(`ignite ${argv.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  try {
    const uids = (await attempt(['ps', '-aq'])).split('\n').filter((uid) => uid !== '');
    if (uids.length > 0) failures.push(`VMs that no test removed: ${uids.join(' ')}`);
    if (uids.length > 0) await attempt(['rm', '-f', ...uids]);
    await attempt(['system', 'stop']);
    await waitFor(
      'the daemon has ended',
      async () => (await findProcesses(place.root)).length === 0,
      endsWithinMs,
    );
  } catch (error) {
    failures.push(String(error));
  }
  return failures;
}

async function clear(place: Place): Promise<readonly string[]> {
  await removeAll(place, ENDS_WITHIN_MS); // that there was something to remove is nothing new
  const left = await findLeftovers(place, await readMark(place));
  for (const { pid } of await findProcesses(place.root)) killNow(pid);
  await runProgram(['umount', place.state]); // a small file system, where a test had one
  await rm(place.root, { recursive: true, force: true });
  return left.filter((line) => !line.startsWith('mount '));
}

async function isDead({ root }: Place): Promise<boolean> {
  try {
    return !isAlive(JSON.parse(await readFile(join(root, RUNNER_FILE), 'utf8')) as ProcessIdentity);
  } catch {
    return false; // of a run that begins, or of an earlier version
  }
}
