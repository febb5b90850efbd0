import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guestCommand, shellLine } from './guest-command.ts';
import { parseTime } from './times.ts';

test('rule 6: words are exact argv', () => {
  assert.deepEqual(guestCommand(['ls', '-la', 'a b', '$HOME']), ['ls', '-la', 'a b', '$HOME']);
  assert.deepEqual(guestCommand(['/usr/bin/env']), ['/usr/bin/env']);
  assert.deepEqual(guestCommand(['[', '-f', '/x', ']']), ['[', '-f', '/x', ']']);
});

test('EXE-01: rule 6: a first word for a shell joins all as the original did', () => {
  assert.deepEqual(guestCommand(['a; b']), ['/bin/sh', '-c', 'a; b']);
  assert.deepEqual(guestCommand(['echo $HOME', 'a b', "it's"]), [
    '/bin/sh',
    '-c',
    `echo $HOME 'a b' 'it'"'"'s'`,
  ]);
  assert.deepEqual(guestCommand(['A=1', 'env']), ['/bin/sh', '-c', 'A=1 env']);
  assert.equal(shellLine(['ls', '']), "ls ''");
});

test('times of --since', () => {
  const now = new Date('2026-11-20T12:00:00Z');
  assert.equal(parseTime('--since', '10m', now), '2026-11-20T11:50:00.000Z');
  assert.equal(parseTime('--since', '1h30m', now), '2026-11-20T10:30:00.000Z');
  assert.equal(parseTime('--since', '2026-01-02T15:04:05Z', now), '2026-01-02T15:04:05.000Z');
  assert.equal(parseTime('--since', '0', now), '1970-01-01T00:00:00.000Z');
  assert.throws(() => parseTime('--since', 'yesterday', now), /--since takes a time/);
});
