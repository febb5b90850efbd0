import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCACertificates } from 'node:tls';
import { keepSecureContexts } from './secure-contexts.ts';

const [first = '', second = ''] = getCACertificates('bundled');

test('a context is made once of the same certificates, and again of others', () => {
  const contextOf = keepSecureContexts();
  const one = contextOf({ ca: [first] });
  assert.equal(contextOf({ ca: [first] }), one);
  assert.notEqual(contextOf({ ca: [first, second] }), one);
  assert.equal(contextOf({ ca: [first] }), one);
});

test('it is forgotten when nobody asks for it, and for newer ones', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const contextOf = keepSecureContexts(1_000);
  const one = contextOf({ ca: [first] });
  t.mock.timers.tick(1_000);
  const again = contextOf({ ca: [first] });
  assert.notEqual(again, one);
  for (const newer of getCACertificates('bundled').slice(1, 5)) contextOf({ ca: [newer] });
  assert.notEqual(contextOf({ ca: [first] }), again);
});
