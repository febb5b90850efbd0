// What a running VMM may see and do, as the kernel tells it, held against the table of docs/security.md.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { layerChecks, promisedLayers, readVmm, type Vmm } from '../fixtures/vmm-layers.ts';
import { findProcesses, igniteOk, place, startSleeper } from './world/index.ts';

const skip = process.getuid?.() === 0 ? false : 'an ordinary user’s VMM has no jail';

test('every running VMM is held as docs/security.md says', { skip }, async (t) => {
  const name = await startSleeper(t, 'held');
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
});

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
