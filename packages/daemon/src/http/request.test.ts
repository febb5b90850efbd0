import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import { readJsonBody, readQuery } from './request.ts';

/** A request that has arrived with this body. */
function arrived(body: unknown): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.push(JSON.stringify(body));
  request.push(null);
  return request;
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => assert.fail('it was taken'),
    (error: unknown) => (error instanceof IgniteError ? error : assert.fail(String(error))),
  );

test('one value that a parser of ours refuses is told in its own words, with its own hint', async () => {
  const error = await failure(readJsonBody(arrived({ spec: { image: { oci: 'My:Web:x' } } }), 'createVm'));
  assert.equal(error.code, 'api/invalid-reference');
  assert.match(error.message, /^The reference "My:Web:x" has /);
  assert.equal(error.cause, undefined);
});

test('whatever else is wrong is told field by field, and the parser’s own report is no cause', async () => {
  const body = { spec: { image: { oci: 'UP' }, memory: '1 elephant', nope: 1 } };
  const error = await failure(readJsonBody(arrived(body), 'createVm'));
  assert.equal(error.code, 'daemon/bad-request');
  assert.match(error.message, /spec\.image\.oci: is wrong: The reference "UP"/);
  assert.match(error.message, /spec\.memory: is wrong: /);
  assert.match(error.message, /nope/);
  assert.equal(error.cause, undefined);
});

test('a query is checked likewise', () => {
  assert.throws(
    () => readQuery(new URL('http://x/?nope=1'), 'listVms'),
    (error) => error instanceof IgniteError && error.code === 'daemon/bad-request',
  );
});
