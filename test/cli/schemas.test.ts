// The JSON Schemas for editors are what the sources say.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { manifestSchemas } from '../../packages/api/src/manifest/json-schema.ts';

const FOLDER = new URL('../../docs/schemas/', import.meta.url);

test('docs/schemas has every schema, current: run node scripts/generate-schemas.ts', () => {
  const schemas = manifestSchemas();
  assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(schemas).sort());
  for (const [name, schema] of Object.entries(schemas))
    assert.deepEqual(
      JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')),
      JSON.parse(JSON.stringify(schema)),
      name,
    );
});

test('a schema knows the fields of a VM and refuses others', () => {
  const vm = JSON.parse(readFileSync(new URL('vm-v1beta1.json', FOLDER), 'utf8'));
  assert.equal(vm.properties.spec.additionalProperties, false);
  assert.ok(Object.hasOwn(vm.properties.spec.properties, 'restartPolicy'));
  assert.equal(vm.properties.apiVersion.const, 'ignite.vm/v1beta1');
});
