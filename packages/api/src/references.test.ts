import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIgniteError } from './errors/index.ts';
import {
  familiarReference,
  formatReference,
  isDigest,
  normalizeReference,
  parseReference,
  withDefaultTag,
} from './references.ts';

const HEX = '0123456789abcdef'.repeat(4);
const DIGEST = `sha256:${HEX}`;

test('short forms get Docker’s defaults; both printed forms', () => {
  const table: readonly [text: string, full: string, familiar: string][] = [
    ['ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
    ['ubuntu:24.04', 'docker.io/library/ubuntu:24.04', 'ubuntu:24.04'],
    ['weaveworks/ignite-ubuntu', 'docker.io/weaveworks/ignite-ubuntu', 'weaveworks/ignite-ubuntu'],
    ['index.docker.io/a/b:c', 'docker.io/a/b:c', 'a/b:c'],
    ['docker.io/ubuntu', 'docker.io/library/ubuntu', 'ubuntu'],
    ['localhost/x', 'localhost/x', 'localhost/x'],
    ['localhost:5000/x:y', 'localhost:5000/x:y', 'localhost:5000/x:y'],
    ['127.0.0.1:5000/x', '127.0.0.1:5000/x', '127.0.0.1:5000/x'],
    ['[::1]:5000/x:y', '[::1]:5000/x:y', '[::1]:5000/x:y'],
    ['ghcr.io/a/b/c__d-e.f', 'ghcr.io/a/b/c__d-e.f', 'ghcr.io/a/b/c__d-e.f'],
    [`a@${DIGEST}`, `docker.io/library/a@${DIGEST}`, `a@${DIGEST}`],
    [`a:b@${DIGEST}`, `docker.io/library/a:b@${DIGEST}`, `a:b@${DIGEST}`],
    ['docker.io/foo.bar/baz', 'docker.io/foo.bar/baz', 'docker.io/foo.bar/baz'],
    ['docker.io/library/a/b', 'docker.io/library/a/b', 'library/a/b'],
    ['Host/x', 'Host/x', 'Host/x'],
    ['5000', 'docker.io/library/5000', '5000'],
  ];
  for (const [text, full, familiar] of table) {
    const reference = parseReference(text);
    assert.equal(formatReference(reference), full, text);
    assert.equal(familiarReference(reference), familiar, text);
  }
});

test('API-T02: latest is filled in where neither tag nor digest is said', () => {
  assert.equal(normalizeReference('ubuntu'), 'ubuntu:latest');
  assert.equal(normalizeReference('ubuntu:1'), 'ubuntu:1');
  assert.equal(normalizeReference(`ubuntu@${DIGEST}`), `ubuntu@${DIGEST}`);
});

test('what the grammar refuses', () => {
  const bad = [
    '',
    ':',
    'a:',
    ':b',
    'a:b:c',
    'A',
    'a/B',
    'a//b',
    '/a',
    'a/',
    'a..b',
    '-a',
    'a-',
    'a___b',
    'a b',
    'a\n',
    'ä',
    'a@',
    'a@sha256',
    'a@sha256:',
    `a@sha256:${HEX}0`,
    `a@sha256:${HEX.toUpperCase()}`,
    `a@md5:${HEX}`,
    `@${DIGEST}`,
    `a@${DIGEST}@${DIGEST}`,
    HEX,
    'a:-x',
    `a:${'x'.repeat(129)}`,
    'x'.repeat(256),
    '-.io/a',
    'a:b/c:d/e',
    'docker.io/',
    'http://a/b',
    '../a',
    'a/../b',
  ];
  for (const text of bad) {
    assert.throws(
      () => parseReference(text),
      (error) => isIgniteError(error, 'api/invalid-reference'),
      text,
    );
  }
});

const part = fc.stringMatching(/^[a-z0-9]{1,6}(?:(?:[._]|__|--?)[a-z0-9]{1,6}){0,2}$/);
const registry = fc.oneof(
  fc.constant('docker.io'),
  fc.constant('localhost'),
  fc.stringMatching(/^[a-z0-9]{1,5}\.[a-zA-Z0-9]{1,5}$/),
  fc.stringMatching(/^[a-z0-9]{1,5}:[0-9]{1,5}$/),
);
const reference = fc
  .record({
    registry,
    parts: fc.array(part, { minLength: 1, maxLength: 3 }),
    tag: fc.option(fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,10}$/), { nil: undefined }),
    digest: fc.option(fc.constant(DIGEST), { nil: undefined }),
  })
  .map(({ registry: host, parts, tag, digest }) => ({
    registry: host,
    // Docker has no names at the root of its own registry: they are put below `library/`.
    repository: host === 'docker.io' && parts.length === 1 ? `library/${parts[0]}` : parts.join('/'),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }));

test('both printed forms of any reference read back as the same', () => {
  fc.assert(
    fc.property(reference, (one) => {
      assert.deepEqual(parseReference(formatReference(one)), one);
      assert.deepEqual(parseReference(familiarReference(one)), one);
      const normal = normalizeReference(familiarReference(one));
      assert.equal(normalizeReference(normal), normal);
      assert.deepEqual(parseReference(normal), withDefaultTag(one));
    }),
    { numRuns: 500 },
  );
});

test('any text gives a reference that reads back, or the one error, quickly', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z0-9:/@._-]{0,40}$/));
  fc.assert(
    fc.property(text, (word) => {
      try {
        const one = parseReference(word);
        assert.deepEqual(parseReference(formatReference(one)), one);
        assert.deepEqual(parseReference(familiarReference(one)), one);
      } catch (error) {
        assert.ok(isIgniteError(error, 'api/invalid-reference'), String(error));
      }
    }),
    { numRuns: 1000 },
  );
  for (const evil of ['a-'.repeat(500), 'a_'.repeat(500), `${'a'.repeat(1000)}!`]) {
    assert.throws(() => parseReference(evil));
  }
});

test('digests', () => {
  assert.ok(isDigest(DIGEST));
  assert.ok(isDigest(`sha512:${HEX}${HEX}`));
  for (const text of ['', ':', 'sha256:', HEX, `sha256:${HEX} `, 'sha256:zz'])
    assert.ok(!isDigest(text), text);
});
