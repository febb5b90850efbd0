import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineSplitter } from './lines.ts';

function split(pieces: readonly string[], maxBytes: number): string[] {
  const lines: string[] = [];
  const take = lineSplitter(maxBytes, (line) => lines.push(line));
  for (const piece of pieces) take(Buffer.from(piece));
  return lines;
}

test('however the bytes are cut, the lines are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '\n') })), (pieces) => {
      assert.deepEqual(split(pieces, 1000), pieces.join('').split('\n').slice(0, -1));
    }),
  );
});

test('a line beyond the bound is dropped whole, the next one is not', () => {
  assert.deepEqual(split(['abc', 'def\nok\n', 'abcdef\n'], 5), ['ok']);
});
