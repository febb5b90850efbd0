import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { catalogue, type ErrorEntry, IgniteError, isErrorCode, isIgniteError } from './index.ts';

test('every row is complete, and its hint is a sentence, or empty', () => {
  const rows: readonly [string, ErrorEntry][] = Object.entries(catalogue);
  for (const [code, { status, exit, blame, hint }] of rows) {
    assert.match(code, /^[a-z0-9]+\/[a-z0-9-]+$/);
    assert.ok(status >= 400 && status <= 599, code);
    assert.ok(Number.isInteger(exit) && exit >= 1 && exit <= 255, code);
    assert.ok(['user', 'host', 'bug'].includes(blame), code);
    assert.match(hint, /^(?:\S.*[.!])?$/s, code);
  }
});

test('no two rooms have the same code', () => {
  const folder = new URL('./', import.meta.url);
  const codes = readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .flatMap((name) => [
      ...readFileSync(new URL(name, folder), 'utf8').matchAll(/^ {2}'([a-z0-9]+\/[a-z0-9-]+)':/gm),
    ])
    .map((match) => match[1] ?? '');
  const twice = codes.filter((code, index) => codes.indexOf(code) !== index);
  assert.deepEqual(twice, []);
  assert.deepEqual(codes.sort(), Object.keys(catalogue).sort());
});

test('an error knows its row and keeps its cause', () => {
  const cause = new Error('low');
  const error = new IgniteError('api/not-found', 'No VM named x', { cause, details: { name: 'x' } });
  assert.equal(error.entry.status, 404);
  assert.equal(error.cause, cause);
  assert.ok(isIgniteError(error, 'api/not-found') && !isIgniteError(error, 'api/ambiguous'));
  assert.ok(!isIgniteError(cause));
  assert.ok(isErrorCode('api/not-found') && !isErrorCode('toString'));
});
