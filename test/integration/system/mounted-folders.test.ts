// What `ignite system uninstall` deletes where state and run folder are file systems of their own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeState } from '../../../packages/cli/src/system/remove-files.ts';

test('folders that somebody has mounted are emptied and stay', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'uninstall-'));
  const [state, run] = [join(folder, 'state'), join(folder, 'run')];
  const mounted: string[] = [];
  try {
    for (const place of [state, run]) {
      await mkdir(place);
      execFileSync('mount', ['--bind', place, place]);
      mounted.push(place);
      await writeFile(join(place, 'something'), '');
    }
    const kept = await removeState({ state, socket: join(run, 'ignited.sock') });
    assert.equal(kept, undefined);
    assert.deepEqual([await readdir(state), await readdir(run)], [[], []]);
  } finally {
    for (const place of mounted) execFileSync('umount', [place]);
    await rm(folder, { recursive: true });
  }
});
