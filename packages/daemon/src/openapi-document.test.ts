import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openApiDocument } from '@ignite/api';
import { VERSION } from './version.ts';

test('API-E09: docs/openapi.json is what the schemas say; `npm run generate` writes it', () => {
  const published = readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');

  assert.deepEqual(JSON.parse(published), JSON.parse(JSON.stringify(openApiDocument(VERSION))));
});
