import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesSelector, parseSelector } from './selectors.ts';

const LABELS = { app: 'web', tier: 'front' };

for (const [text, fits] of [
  ['app=web', true],
  ['app==web,tier=front', true],
  ['app!=web', false],
  ['zone!=a', true],
  ['app', true],
  ['!app', false],
  ['!zone', true],
  ['app in (db, web)', true],
  ['app notin (db,web),tier', false],
  ['example.org/x in (a),app', false],
] as const)
  test(`the selector ${text} ${fits ? 'fits' : 'does not fit'}`, () => {
    assert.equal(matchesSelector(parseSelector(text), LABELS), fits);
  });

for (const text of ['', ',', 'a b', '=b', 'a in b', 'a=(b)'])
  test(`"${text}" is no selector`, () => {
    assert.throws(() => parseSelector(text), { code: 'api/invalid-selector' });
  });
