// docs/parity.md is what its rows and the tests say.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { carriers, parityPage, parityRows, VERDICTS } from '../../scripts/parity-page.ts';

const ROOT = join(import.meta.dirname, '../..');

test('docs/parity.md is current: run node scripts/generate-parity.ts', async () => {
  assert.ok(readFileSync(join(ROOT, 'docs/parity.md'), 'utf8') === (await parityPage()), 'not current');
});

test('every row has a verdict, a reason where something is left out, and tests that are there', () => {
  const rows = parityRows();
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  for (const { id, verdict, note, area } of rows) {
    assert.ok(
      VERDICTS.some((word) => word === verdict),
      id,
    );
    assert.ok(
      (verdict !== 'left out' && verdict !== 'open') || note !== '',
      `${id} is ${verdict} without a reason`,
    );
    assert.ok(area === '' || existsSync(join(ROOT, area)), `${id}: there is no ${area}`);
  }
});

test('what is kept or better is carried by a test, or says why not', async () => {
  const found = await carriers();
  const bare = parityRows()
    .filter(({ verdict }) => verdict === 'kept' || verdict === 'better')
    .filter(({ id, note }) => !found.has(id) && !note.startsWith('no test: '))
    .map(({ id }) => id);
  assert.deepEqual(bare, []);
});

test('ids that tests carry have a row', async () => {
  const known = new Set(parityRows().map(({ id }) => id));
  const others = /^(NET-[0-9]|RT-|CFG-|API-C0)/; // rows of sections that have no table here
  assert.deepEqual(
    [...(await carriers()).keys()].filter((id) => !known.has(id) && !others.test(id)),
    [],
  );
});
