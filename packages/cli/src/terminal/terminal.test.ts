import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDetachKeys, watchDetach } from './detach-keys.ts';
import { signalName, signalNumber } from './signals.ts';

const feed = (keys: string, ...pieces: string[]) => {
  const watch = watchDetach(parseDetachKeys(keys));
  const seen = pieces.map((piece) => watch.push(Buffer.from(piece)));
  return {
    pass: seen.map(({ pass }) => Buffer.from(pass).toString()).join(''),
    detach: seen.some((one) => one.detach),
  };
};

test('ATT-01: ^P^Q detaches, in one piece and in two', () => {
  assert.deepEqual(feed('ctrl-p,ctrl-q', 'ls\x10\x11'), { pass: 'ls', detach: true });
  assert.deepEqual(feed('ctrl-p,ctrl-q', 'a\x10', '\x11b'), { pass: 'a', detach: true });
});

test('ATT-02, BUG-26: ^P followed by something else is passed on whole', () => {
  assert.deepEqual(feed('ctrl-p,ctrl-q', '\x10x'), { pass: '\x10x', detach: false });
  assert.deepEqual(feed('ctrl-p,ctrl-q', '\x10', '\x10\x11'), { pass: '\x10', detach: true });
});

test('keys are read as Docker writes them', () => {
  assert.deepEqual([...parseDetachKeys('ctrl-a,x,ctrl-]')], [1, 120, 29]);
  assert.throws(() => parseDetachKeys('ctrl-1'), /--detach-keys takes keys/);
});

test('signals by name and number', () => {
  assert.equal(signalName('hup'), 'SIGHUP');
  assert.equal(signalName('SIGTERM'), 'SIGTERM');
  assert.equal(signalName('9'), 'SIGKILL');
  assert.equal(signalNumber('INT'), 2);
  assert.throws(() => signalName('NOPE'), /no signal "NOPE"/);
});
