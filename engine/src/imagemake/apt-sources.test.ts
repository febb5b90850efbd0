import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mirrorFor, parseDeb822Sources, parseOneLineSources } from './apt-sources.ts';
import { DISTRIBUTIONS, suiteFor } from './distributions.ts';
import { bootstrapCommand } from './mmdebstrap.ts';

test('both forms of sources are read', () => {
  const lines = parseOneLineSources(
    '# deb http://no no main\ndeb-src http://src bookworm main\ndeb [arch=amd64 signed-by=/k] http://m/debian bookworm main\n',
  );
  assert.deepEqual(lines, [{ uri: 'http://m/debian', suite: 'bookworm' }]);
  const deb822 = parseDeb822Sources(
    'Types: deb deb-src\n# note\nURIs: http://a\n http://b\nSuites: x x-updates\n\nTypes: deb\nEnabled: no\nURIs: http://c\nSuites: x\n',
  );
  assert.deepEqual(deb822, [
    { uri: 'http://a', suite: 'x' },
    { uri: 'http://a', suite: 'x-updates' },
    { uri: 'http://b', suite: 'x' },
    { uri: 'http://b', suite: 'x-updates' },
  ]);
});

test('only mirrors that mmdebstrap can reach are taken', () => {
  const sources = [
    { uri: 'cdrom:[x]/', suite: 's' },
    { uri: 'file:/m', suite: 's' },
    { uri: 'https://m/debian', suite: 's' },
  ];
  assert.equal(mirrorFor(sources, 's'), 'https://m/debian');
  assert.equal(mirrorFor(sources, 't'), undefined);
});

test('the suite is the host’s where it is the same distribution', () => {
  assert.equal(suiteFor(DISTRIBUTIONS.debian, 'ID=debian\nVERSION_CODENAME=trixie\n'), 'trixie');
  assert.equal(suiteFor(DISTRIBUTIONS.debian, 'ID=ubuntu\nVERSION_CODENAME=noble\n'), 'bookworm');
});

test('the command names keys, suites and packages', () => {
  const argv = bootstrapCommand({
    distribution: DISTRIBUTIONS.debian,
    suite: 'bookworm',
    mirror: 'http://m/debian',
    architecture: 'amd64',
    packages: ['a', 'b'],
    target: '/t/root.tar',
    scratch: '/t',
    epoch: 1,
    root: false,
    report: () => {},
    signal: new AbortController().signal,
  });
  assert.ok(argv.includes('--mode=unshare'));
  assert.ok(argv.includes('--include=a,b'));
  assert.deepEqual(argv.slice(-5), [
    'bookworm',
    '/t/root.tar',
    'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://m/debian bookworm main',
    'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://m/debian bookworm-updates main',
    'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian-security bookworm-security main',
  ]);
});
