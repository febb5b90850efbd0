import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'rolldown';
import { defines } from '../../../scripts/defines.ts';
import { pointsFor } from './fault-points.ts';

test('it strikes at the point that was named, once', async () => {
  let died = 0;
  const points = pointsFor('kill@2', () => void (died += 1));
  await points('before begin');
  assert.equal(died, 0);
  void points('after begin');
  assert.equal(died, 1);
  await points('before claim');
  assert.equal(died, 1);
  assert.throws(() => pointsFor('kill', () => {}), RangeError);
});

test('a release has no fault switch', async () => {
  const bundle = async (define: Readonly<Record<string, string>>) => {
    const { output } = await build({
      input: join(import.meta.dirname, 'fault-switch.ts'),
      write: false,
      platform: 'node',
      transform: { define: { ...define } },
      output: { format: 'esm', minify: true, codeSplitting: false },
    });
    return output[0].code;
  };
  assert.match(await bundle({}), /IGNITE_FAULT.*SIGKILL/s);
  assert.doesNotMatch(await bundle(defines('abc')), /IGNITE_FAULT|SIGKILL|fault point/);
});

const DIST = join(import.meta.dirname, '../../../dist');

test('the built programs of this tree have none', {
  skip: existsSync(DIST) ? false : 'not built',
}, async () => {
  for (const name of ['ignited.js', 'import-worker.js', 'manifest-thread.js', 'ignite.js'])
    assert.doesNotMatch(await readFile(join(DIST, name), 'utf8'), /IGNITE_FAULT|is no fault point/, name);
});
