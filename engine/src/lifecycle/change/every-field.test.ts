// Every field of spec has a row in the table of changes, takes effect when the row says, and converges.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SPEC_CHANGES } from '../../../../test/fixtures/spec-changes.ts';
import { vmRecord } from '../../../../test/fixtures/vm-record.ts';
import { desiredSpec } from './desired-spec.ts';
import { diffSpec } from './diff-spec.ts';
import { type FieldRule, SPEC_FIELDS } from './fields.ts';
import { updatedRecord } from './update-vm.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Fields as the published schema has them, in the parts in which changes are told. */
function schemaPaths(): readonly string[] {
  const file = join(import.meta.dirname, '../../../../docs/schemas/vm-v1beta1.json');
  const schema: Schema = JSON.parse(readFileSync(file, 'utf8'));
  const rules: Readonly<Record<string, FieldRule>> = SPEC_FIELDS;
  return Object.entries(schema.properties?.['spec']?.properties ?? {}).flatMap(([key, field]) => {
    const inParts = typeof rules[key] === 'object';
    return inParts ? Object.keys(field.properties ?? {}).map((part) => `${key}.${part}`) : [key];
  });
}

test('every field of the schema has a row in the table of changes', () => {
  const told = new Set(SPEC_CHANGES.map(({ path }) => path));
  assert.deepEqual([...told].toSorted(), [...schemaPaths()].toSorted());
});

for (const { path, from, to, effect } of SPEC_CHANGES)
  test(`a change of spec.${path} takes effect: ${effect}`, () => {
    const record = vmRecord('a', from);
    const wanted = desiredSpec({ image: record.spec.image, ...to }, {}, record);
    const change = diffSpec(record.spec, wanted).find((one) => one.path === `spec.${path}`);
    assert.equal(change?.effect, effect);
    if (/size|memory|bandwidth/i.test(path))
      assert.match(String(change?.to), /^\d+[MG]B$/, 'a size in words');
    const update = () => updatedRecord(record, { spec: wanted }, true);
    if (effect === 'recreate') {
      assert.throws(update, { code: 'vm/needs-recreate' });
      return;
    }
    const updated = update();
    assert.deepEqual(diffSpec(updated.spec, wanted), []);
    assert.equal((updated.history.pending ?? []).includes(`spec.${path}`), effect === 'start');
  });
