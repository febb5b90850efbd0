import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { logFile, openLog } from './log-file.ts';

test('the log is bounded: the newest lines are in the file, older ones in two beside it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ignite-log-'));
  const path = join(folder, 'ignited.log');
  const fd = openSync(path, 'a');
  t.after(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const log = logFile(fd, path, { maxBytes: 30, files: 2 });
  for (let line = 100; line < 120; line += 1) log?.write(`line ${line}\n`);
  assert.deepEqual(readdirSync(folder).toSorted(), ['ignited.log', 'ignited.log.1', 'ignited.log.2']);
  const text = ['ignited.log.2', 'ignited.log.1', 'ignited.log'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  );
  const lines = text.join('').trimEnd().split('\n');
  assert.equal(lines.at(-1), 'line 119');
  assert.deepEqual(lines, lines.toSorted(), 'none is lost between them');
  assert.ok(
    text.every((one) => one.length <= 40),
    text.join('|'),
  );
});

test('a descriptor that is another file is left alone', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ignite-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'ignited.log'), '');
  const fd = openSync(join(folder, 'other'), 'a');
  assert.equal(logFile(fd, join(folder, 'ignited.log')), undefined);
  closeSync(fd);
});

test('what cannot be written ends nobody: a terminal that is gone, a disk without room for the old lines', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ignite-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ignited.log');
  writeFileSync(path, '');
  const unwritable = openSync(path, 'r');
  openLog(unwritable).write('lost\n');
  logFile(unwritable, path)?.write('lost\n');
  closeSync(unwritable);
  const fd = openSync(path, 'a');
  mkdirSync(`${path}.1`); // nothing can be copied there
  const log = logFile(fd, path, { maxBytes: 10, files: 1 });
  for (const line of ['first line\n', 'second line\n', 'third line\n']) log?.write(line);
  closeSync(fd);
  assert.equal(readFileSync(path, 'utf8'), 'third line\n');
});
