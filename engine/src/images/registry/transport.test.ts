import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RedirectError, redirectTarget } from './transport.ts';

const from = new URL('https://registry.example/v2/a/blobs/x');

test('redirects to HTTP addresses are resolved', () => {
  assert.equal(redirectTarget('/other?a=b', from, false).href, 'https://registry.example/other?a=b');
  assert.equal(redirectTarget('https://cdn.example/x', from, false).origin, 'https://cdn.example');
  assert.equal(redirectTarget('http://cdn.example/x', from, true).origin, 'http://cdn.example');
});

test('redirects that could leak or mislead are refused', () => {
  for (const location of [
    'http://cdn.example/x',
    'file:///etc/passwd',
    'https://u:p@cdn.example/',
    'http://[',
  ])
    assert.throws(() => redirectTarget(location, from, false), RedirectError, location);
});
