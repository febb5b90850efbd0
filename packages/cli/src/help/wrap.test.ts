import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { helpWidth, twoColumns, wrap, wrapParagraphs } from './wrap.ts';

test('a text is broken at blanks, and a word that fits no line keeps one', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('a abcdefghij b', 5), ['a', 'abcdefghij', 'b']);
  assert.deepEqual(wrap('', 5), ['']);
});

test('paragraphs are broken anew, and stay apart', () => {
  assert.deepEqual(wrapParagraphs('one\ntwo three\n\nfour', 9), ['one two', 'three', '', 'four']);
});

test('the right of two columns is broken below itself', () => {
  assert.deepEqual(twoColumns('-a', 'x'.repeat(20) + ' y', 4, 10), [
    `  -a    ${'x'.repeat(20)}`,
    '        y',
  ]);
  assert.deepEqual(twoColumns('--long-option', 'What it does', 4, 60), [
    '  --long-option',
    '        What it does',
  ]);
});

test('help is as wide as the terminal within reason, and 100 columns where there is none', () => {
  const width = (columns: number | undefined, word?: string) =>
    helpWidth({
      env: { COLUMNS: word },
      stdout: Object.assign(new Writable(), columns === undefined ? {} : { columns }),
    });
  const widths = [undefined, 0, 80, 20, 400].map((columns) => width(columns));
  assert.deepEqual(widths, [100, 100, 80, 40, 120]);
  assert.deepEqual([width(undefined, '72'), width(80, '72'), width(undefined, 'many')], [72, 80, 100]);
});
