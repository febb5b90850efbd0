import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseChallenges } from './challenge.ts';

const plain = (value: string) =>
  parseChallenges(value).map((c) => [
    c.scheme,
    Object.fromEntries(c.params),
    ...(c.token68 === undefined ? [] : [c.token68]),
  ]);

test('a bearer challenge as Docker Hub sends it', () => {
  assert.deepEqual(
    plain(
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/x:pull"',
    ),
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:library/x:pull',
        },
      ],
    ],
  );
});

test('several challenges in one field, parameters in any order, commas inside quotes', () => {
  assert.deepEqual(
    plain('Negotiate, Basic realm="a, b", Bearer scope="pull,push" , realm=x,,NTLM abc==, Digest q="a\\"b"'),
    [
      ['negotiate', {}],
      ['basic', { realm: 'a, b' }],
      ['bearer', { scope: 'pull,push', realm: 'x' }],
      ['ntlm', {}, 'abc=='],
      ['digest', { q: 'a"b' }],
    ],
  );
});

test('blanks around "=", names without case, the first of two counts', () => {
  assert.deepEqual(plain('BASIC Realm = "x" , REALM="y"'), [['basic', { realm: 'x' }]]);
});

test('an open quote ends the parse', () => {
  assert.deepEqual(plain('Basic realm="x", Bearer realm="y'), [
    ['basic', { realm: 'x' }],
    ['bearer', {}],
  ]);
});

test('any text is parsed without a throw and in the end', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
      assert.ok(Array.isArray(parseChallenges(text)));
    }),
  );
});

test('what is written is read again', () => {
  const token = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  fc.assert(
    fc.property(
      token,
      fc.uniqueArray(fc.tuple(token, fc.string()), { selector: (p) => p[0], minLength: 1 }),
      (scheme, pairs) => {
        const quoted = pairs.map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`);
        assert.deepEqual(plain(`${scheme} ${quoted.join(', ')}`), [[scheme, Object.fromEntries(pairs)]]);
      },
    ),
  );
});
