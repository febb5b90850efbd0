// What a running VMM may see and do, as the kernel tells it, held against the table of docs/security.md; and who may read
// what the daemon keeps of its VM.
import assert from 'node:assert/strict';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { layerChecks, promisedLayers, readVmm, type Vmm } from '../fixtures/vmm-layers.ts';
import { findProcesses, igniteOk, inspect, place, startSleeper } from './world/index.ts';

/** Of the guest's environment: nobody but root may know it, and the VM's own user, whose initrd has it. */
const SECRET = 'shown-to-no-one';
/** Where it is, and must be. */
const KEEPS_IT = /^(vms\/[^/]+\/record\.(json|bak)|\d+\/(record\.json|initrd))$/;
const PUBLIC: ReadonlySet<string> = new Set(['format.json']);
const OF_OTHERS = 0o077;
/** Through folders others pass, without a look around. */
const OF_FOLDERS = 0o066;

const skip = process.getuid?.() === 0 ? false : 'an ordinary user’s VMM has no jail';

test('every running VMM is held as docs/security.md says', { skip }, async (t) => {
  const name = await startSleeper(t, 'held', ['--env', `TOKEN=${SECRET}`]);
  const rows = await promisedLayers();
  assert.deepEqual(rows.toSorted(), Object.keys(layerChecks).toSorted());
  const vmms = await runningVmms();
  assert.ok(vmms.length > 0, 'no VMM was found');
  for (const vmm of vmms)
    for (const row of rows)
      await t.test(`${row} (process ${vmm.pid})`, async () => {
        await layerChecks[row]?.(vmm);
      });
  assert.equal(await igniteOk(['exec', name, 'echo', 'still here']), 'still here');
  await t.test('files of the VM are for root and its own user alone', async () => {
    const users = new Set([0, ...vmms.map(({ status }) => Number(status.get('Uid')?.split('\t')[0]))]);
    const { metadata, bound } = await inspect(name);
    const [ofVm, ofRun] = [join('vms', metadata.uid), String(bound?.slot)];
    for (const [top, own] of [
      [place().state, ofVm],
      [place().run, ofRun],
    ] as const)
      for (const path of [...(await readdir(top)), ...(await namesBelow(top, own))])
        await checkFile(top, path, users);
  });
  await t.test('its environment is in the arguments and the environment of no process', async () => {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const names = pids.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
    for (const path of names)
      assert.ok(!(await readFile(path, 'latin1').catch(() => '')).includes(SECRET), path);
  });
});

async function namesBelow(top: string, folder: string): Promise<readonly string[]> {
  return (await readdir(join(top, folder), { recursive: true })).map((name) => join(folder, name));
}

async function checkFile(top: string, name: string, users: ReadonlySet<number>): Promise<void> {
  const path = join(top, name);
  const facts = await lstat(path).catch(() => undefined); // a daemon at work makes and removes some
  if (facts === undefined || PUBLIC.has(name)) return;
  assert.ok(users.has(facts.uid), `${path} is of user ${facts.uid}`);
  const denied = facts.isDirectory() ? OF_FOLDERS : OF_OTHERS;
  assert.equal(facts.mode & denied, 0, `${path} has mode ${(facts.mode & 0o7777).toString(8)}`);
  const text = facts.isFile() ? await readFile(path, 'latin1').catch(() => '') : '';
  if (text.includes(SECRET)) assert.match(name, KEEPS_IT);
}

/** Children of the supervisors of this run that execute something else. */
async function runningVmms(): Promise<readonly Vmm[]> {
  const supervisors = (await findProcesses(place().root)).filter(({ line }) => line.includes('ignite-spawn'));
  const pids = await Promise.all(supervisors.map(({ pid }) => childrenOf(pid)));
  return Promise.all(pids.flat().map(readVmm));
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}
