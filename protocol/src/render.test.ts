import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { renderHeader, renderTypeScript } from './render.ts';
import { table } from './table.ts';

const committed = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the committed TypeScript constants are those of the table', () => {
  assert.equal(committed('protocol/src/constants.ts'), renderTypeScript(table));
});

test('the committed C header is that of the table', () => {
  assert.equal(committed('native/include/ignite_protocol.h'), renderHeader(table));
});

test('no group gives one value two names', () => {
  for (const [name, group] of Object.entries(table)) {
    if (name === 'LIMIT' || name === 'VERSION') continue;
    const values = Object.values(group.values);
    assert.equal(new Set(values).size, values.length, `group ${name}`);
  }
});
