// What strangers wrote must not steer the terminal; what scripts read must be exact.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { createOutput } from './output.ts';

function recorded(terminal: boolean) {
  const [stdout, stderr] = [terminal, terminal].map((isTTY) => Object.assign(new PassThrough(), { isTTY }));
  assert.ok(stdout !== undefined && stderr !== undefined);
  const out = createOutput({ stdout, stderr, quiet: false });
  return { out, text: () => [stdout, stderr].map((stream) => String(stream.read() ?? '')) };
}

const EVIL = 'a\u001b]0;title\u0007\u009b2J\u007f\rb\tc';
const SHOWN = 'a\\x1b]0;title\\x07\\x9b2J\\x7f\\x0db\tc';

test('lines for people are escaped; data only where a terminal shows it', () => {
  const terminal = recorded(true);
  terminal.out.note(EVIL);
  terminal.out.warn(EVIL);
  terminal.out.data(`${EVIL}\n${EVIL}`);
  assert.deepEqual(terminal.text(), [`${SHOWN}\n${SHOWN}\n`, `${SHOWN}\n${SHOWN}\n`]);
  const pipe = recorded(false);
  pipe.out.warn(EVIL);
  pipe.out.data(EVIL);
  assert.deepEqual(pipe.text(), [`${EVIL}\n`, `${SHOWN}\n`]);
});

test('what turns the direction of a text is shown, not followed; letters of any script stay', () => {
  const { out, text } = recorded(false);
  out.warn('a\u202efdp.exe\u2066b\u2028c');
  out.warn('שלום עולם');
  assert.equal(text()[1], 'a\\u202efdp.exe\\u2066b\\u2028c\nשלום עולם\n');
});

test('a terminal that nobody sized, a serial console, is taken for one of 80 columns', () => {
  const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true, columns: 0 })];
  assert.equal(createOutput({ stdout, stderr, quiet: false }).columns, 80);
});
