import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hasLandlock } from './landlock.ts';

test('Landlock is there where the kernel is new enough and runs it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ignite-landlock-'));
  t.after(() => rm(folder, { recursive: true }));
  const [with_, without] = [join(folder, 'with'), join(folder, 'without')];
  await writeFile(with_, 'lockdown,capability,landlock,yama\n');
  await writeFile(without, 'capability,landlocked');
  assert.equal(await hasLandlock('6.2.0', with_), true);
  assert.equal(await hasLandlock('6.12.41+deb13-amd64', with_), true);
  assert.equal(await hasLandlock('6.1.0-38-amd64', with_), false);
  assert.equal(await hasLandlock('5.15.0', with_), false);
  assert.equal(await hasLandlock('6.12.0', without), false);
  assert.equal(await hasLandlock('6.12.0', join(folder, 'none')), false);
});
