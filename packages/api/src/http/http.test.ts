import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { runningVm } from '../fixtures/vm.ts';
import { encodeVm } from '../kinds/index.ts';
import { bodies, buildPath, openApiDocument, paths } from './index.ts';

test('every operation has schemas, and paths with methods are there once', () => {
  assert.deepEqual(Object.keys(bodies).sort(), Object.keys(paths).sort());
  const seen = Object.values(paths).map(({ method, path }) => `${method} ${path}`);
  assert.equal(new Set(seen).size, seen.length);
  for (const [id, path] of Object.entries(paths)) {
    const schemas: (typeof bodies)[keyof typeof bodies] = bodies[id as keyof typeof bodies];
    assert.equal('body' in schemas, path.request === 'json', id);
    assert.equal('result' in schemas, !['frames', 'bytes', 'upgrade'].includes(path.answer), id);
  }
});

test('references are encoded, absent query values left out', () => {
  assert.equal(buildPath('inspectImage', { ref: 'ghcr.io/a/b:c' }), '/v1/images/ghcr.io%2Fa%2Fb%3Ac');
  assert.equal(buildPath('removeVm', { ref: '$&' }, { force: true }), '/v1/vms/%24%26?force=true');
  assert.equal(buildPath('logs', { ref: 'a' }, { follow: undefined, tail: 5 }), '/v1/vms/a/logs?tail=5');
  assert.equal(buildPath('listVms'), '/v1/vms');
});

test('a body is read strictly, sizes become bytes', () => {
  const { createVm } = bodies;
  const body = createVm.body.parse({ spec: { image: { oci: 'nginx' }, memory: '1GB' }, pull: 'never' });
  assert.deepEqual(body, { spec: { image: { oci: 'nginx:latest' }, memory: 1 << 30 }, pull: 'never' });
  for (const bad of [
    {},
    { spec: {}, x: 1 },
    { spec: { memory: 5 } },
    { spec: { bound: {} } },
    { spec: { cpus: 1.5 } },
  ])
    assert.equal(createVm.body.safeParse(bad).success, false, JSON.stringify(bad));
});

test('queries are read from words', () => {
  const query = bodies.logs.query.parse({ follow: 'true', tail: '10', since: '2026-11-20T10:00:00.5+01:00' });
  assert.deepEqual(query, { follow: true, tail: 10, since: '2026-11-20T10:00:00.5+01:00' });
  for (const bad of [{ tail: '-1' }, { tail: '1e3' }, { follow: 'yes' }, { since: 'now' }, { source: 'x' }])
    assert.equal(bodies.logs.query.safeParse(bad).success, false, JSON.stringify(bad));
});

test('a VM goes over the wire with sizes as strings and comes back equal', () => {
  const vm = runningVm({ image: { oci: 'nginx:latest' }, ssh: true });
  const document: unknown = JSON.parse(JSON.stringify(encodeVm(vm)));
  assert.ok(typeof document === 'object' && document !== null && 'spec' in document);
  assert.deepEqual(Object.keys(document), ['kind', 'apiVersion', 'metadata', 'spec', 'status']);
  assert.match(JSON.stringify(document.spec), /"memory":"512MB","diskSize":"4GB"/);
  assert.deepEqual(bodies.inspectVm.result.parse(document), vm);
});

test('the OpenAPI document describes every operation, and every reference in it leads somewhere', () => {
  const document = JSON.parse(JSON.stringify(openApiDocument('1.0.0'))) as {
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: Record<string, unknown> };
  };
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((one) => one.operationId),
  );
  assert.deepEqual(ids.sort(), Object.keys(paths).sort());
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map((match) => match[1] ?? '');
  assert.ok(references.length > 10);
  for (const reference of references) {
    const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
    assert.ok(Object.hasOwn(document.components.schemas, name), reference);
  }
  assert.doesNotMatch(text, /\$defs|9007199254740991/);
});

test('requests are strict in the document, answers are open', () => {
  const { components } = openApiDocument('1.0.0') as {
    components: { schemas: Record<string, z.core.JSONSchema.BaseSchema> };
  };
  assert.equal(components.schemas['CreateVm']?.additionalProperties, false);
  assert.equal(components.schemas['Vm']?.additionalProperties, undefined);
});
