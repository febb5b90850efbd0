import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { IgniteError } from '@ignite/api';
import { readJsonBody, readQuery, readUrl } from './request.ts';

/** A request that has arrived with this body. */
function arrived(body: unknown): IncomingMessage {
  return sent(JSON.stringify(body));
}

function sent(text: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.push(text);
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

test('a body of very many values is refused before it is read, one of very many faults tells a few', async () => {
  const many = `{"spec":{},"authorizedKeys":[${'1,'.repeat(2_000_000)}1]}`;
  assert.equal((await failure(readJsonBody(sent(many), 'createVm'))).code, 'daemon/too-large');
  assert.equal(
    (await failure(readJsonBody(sent(`[${'['.repeat(200_000)}`), 'stopVm'))).code,
    'daemon/too-large',
  );
  const wrong = { spec: { image: { oci: 'x' } }, authorizedKeys: Array.from({ length: 50_000 }, () => 1) };
  const error = await failure(readJsonBody(arrived(wrong), 'createVm'));
  assert.equal(error.code, 'daemon/bad-request');
  assert.match(error.message, /authorizedKeys\.7: .*; and 49992 more$/);
});

test('commas and brackets in strings are no values, whatever is escaped there', async () => {
  const spec = { image: { oci: 'x' }, cmd: { args: [`${',[{"\\'.repeat(60_000)}`, '\\'] } };
  const error = await failure(readJsonBody(arrived({ spec, nope: ',[{'.repeat(700_000) }), 'createVm'));
  assert.equal(error.code, 'daemon/bad-request');
});

test('a target that is no URL is the client’s mistake', () => {
  assert.equal(readUrl({ url: '/v1/vms?all=1' }).pathname, '/v1/vms');
  for (const url of ['//[', 'http://[', '//a:b:c'])
    assert.throws(
      () => readUrl({ url }),
      (error) => error instanceof IgniteError && error.code === 'daemon/bad-request',
    );
});
