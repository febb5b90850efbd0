import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createOutput } from './output.ts';
import { showProgress } from './progress.ts';

function terminal(rows: number, columns: number) {
  const stderr = Object.assign(new PassThrough(), { isTTY: true, rows, columns });
  const out = createOutput({ stdout: new PassThrough(), stderr, quiet: false });
  const view = showProgress(out, () => 0);
  return { view, drawn: () => String(stderr.read() ?? '') };
}

test('a table of more parts than the terminal has lines shows what is under way, and is drawn over itself', () => {
  const { view, drawn } = terminal(5, 80);
  const part = (id: number, done: number) =>
    view.report({ kind: 'bytes', id: `l${id}`, label: `layer ${id}`, done, total: 10 });
  for (let id = 0; id < 10; id += 1) part(id, 10);
  part(10, 1);
  drawn();
  part(11, 10);
  const [again = '', ...lines] = drawn().trimEnd().split('\n');
  assert.ok(again.startsWith('\u001b[4A\u001b[J'), JSON.stringify(again));
  assert.equal(1 + lines.length, 4);
  assert.match(again, /layer 10 /);
});

test('no line is broken by a narrow terminal: what is drawn is as many lines as are taken away', () => {
  const { view, drawn } = terminal(24, 12);
  view.report({ kind: 'stage', name: 'a stage with a long name' });
  view.report({ kind: 'bytes', id: 'a', label: 'a label that is long', done: 10, total: 10 });
  const lines = drawn()
    .replaceAll(/\u001b\[\d*[AJ]/g, '')
    .split('\n');
  assert.ok(
    lines.every((line) => line.length < 12),
    JSON.stringify(lines),
  );
});
