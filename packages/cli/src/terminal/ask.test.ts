import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { CliHost } from '../host.ts';
import { createOutput } from '../output/output.ts';
import { askLine, canAsk, confirm } from './ask.ts';

function person(terminal = true) {
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: terminal,
    setRawMode: (on: boolean) => raw.push(on),
  });
  const stderr = Object.assign(new PassThrough(), { isTTY: terminal });
  const host: CliHost = {
    env: {},
    cwd: '/',
    uid: 0,
    stdin,
    stdout: new PassThrough(),
    stderr,
    now: () => new Date(0),
    onSignal: () => () => {},
  };
  const out = createOutput({ stdout: host.stdout, stderr, quiet: false });
  return { asker: { host, out, signal: new AbortController().signal }, stdin, raw, stderr };
}

test('only yes is yes', async () => {
  for (const [typed, yes] of [
    ['y\n', true],
    ['YES\r', true],
    ['\n', false],
    ['no\n', false],
    ['yo\n', false],
  ] as const) {
    const { asker, stdin } = person();
    stdin.write(typed);
    assert.equal(await confirm(asker, 'Sure?'), yes, JSON.stringify(typed));
  }
});

test('one question after the other', async () => {
  const { asker, stdin } = person();
  const first = askLine(asker, 'User: ');
  stdin.write('joe\n');
  assert.equal(await first, 'joe');
  const second = askLine(asker, 'Password: ', true);
  stdin.write('secret\r');
  assert.equal(await second, 'secret');
});

test('a password is not shown, may be corrected, and Ctrl-C ends', async () => {
  const { asker, raw, stdin } = person();
  stdin.write('sx');
  stdin.write('\u007fecrét\r');
  assert.equal(await askLine(asker, 'Password: ', true), 'secrét');
  assert.deepEqual(raw, [true, false]);
  const other = person();
  other.stdin.write('ab\u0003');
  await assert.rejects(askLine(other.asker, 'Password: ', true), { code: 'cli/interrupted' });
  assert.deepEqual(other.raw, [true, false]);
});

test('without a terminal there is nobody to ask; an end of input is an empty answer', async () => {
  assert.equal(canAsk(person(false).asker), false);
  const { asker, stdin } = person();
  stdin.end();
  assert.equal(await askLine(asker, 'User: '), '');
});
