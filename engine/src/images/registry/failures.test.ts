import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IgniteError, isIgniteError } from '@ignite/api';
import { namingObject, unreachable } from './failures.ts';

const HOST = 'registry.test:5000';
const { signal } = new AbortController();

function fault(code: string, message: string): IgniteError {
  const error = unreachable(Object.assign(new Error(message), { code }), HOST, signal);
  assert.ok(isIgniteError(error));
  return error;
}

const ADVICE = '; if the root CA is installed locally, try running Node.js with --use-system-ca';

const CERTIFICATES = [
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /no CA that this host knows/, undefined],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /signed by itself/, undefined],
  ['SELF_SIGNED_CERT_IN_CHAIN', /none that this host knows/, undefined],
  ['CERT_HAS_EXPIRED', /expired/, /renew it.*`date`/],
  ['CERT_NOT_YET_VALID', /not valid yet/, /`date`/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /another name/, /name/],
] as const;

for (const [code, why, hint] of CERTIFICATES)
  test(`a certificate is refused for ${code}: why, what to do, and nothing of Node's`, () => {
    const error = fault(code, `words of OpenSSL${ADVICE}`);
    assert.equal(error.code, 'images/registry-untrusted');
    assert.match(error.message, /^The certificate of registry registry\.test:5000 is not trusted: /);
    assert.match(error.message, why);
    assert.ok(error.cause instanceof Error);
    assert.equal(error.cause.message, 'words of OpenSSL');
    const said = error.details['hint'];
    if (hint === undefined)
      assert.equal(said, undefined); // that of the catalogue names where the CA's goes
    else assert.match(String(said), hint);
  });

test('a certificate that is refused for another reason is told without one', () => {
  assert.equal(fault('CERT_REVOKED', 'x').message, `The certificate of registry ${HOST} is not trusted`);
});

test('what was asked for is named before a registry that cannot be reached, and the cause is kept', () => {
  const named = namingObject(fault('ECONNREFUSED', 'connect'), 'Image team/app:1');
  assert.ok(isIgniteError(named, 'images/registry-down'));
  assert.equal(named.message, `Image team/app:1: Registry ${HOST} cannot be reached: nothing listens there`);
  assert.ok(named.cause instanceof Error && named.cause.message === 'connect');
  assert.deepEqual(named.details, { registry: HOST });
});

test('other errors name it already', () => {
  const error = new IgniteError('images/not-found', 'Image x:1: there is none');
  assert.equal(namingObject(error, 'Image x:1'), error);
});
