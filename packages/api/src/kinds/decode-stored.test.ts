import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { decodeStored } from './decode-stored.ts';

const schema = z.strictObject({
  name: z.string(),
  nics: z.array(z.strictObject({ mac: z.string() })),
});

test('fields of a later version are left out, at any depth, and the document stays as it was', () => {
  const document = { name: 'a', later: { x: 1 }, nics: [{ mac: 'm' }, { mac: 'n', mtu: 9000 }] };
  const before = structuredClone(document);
  assert.deepEqual(decodeStored(schema, document), { name: 'a', nics: [{ mac: 'm' }, { mac: 'n' }] });
  assert.deepEqual(document, before);
});

test('a field that is missing or wrong is refused, with its place', () => {
  assert.throws(() => decodeStored(schema, { nam: 'a', nics: [] }), /name/);
  assert.throws(() => decodeStored(schema, { name: 'a', nics: [{ mac: 1, mtu: 9000 }] }), /nics\[0\]\.mac/);
  assert.throws(() => decodeStored(schema, null), /expected object/);
});
