// Writes docs/schemas/*.json, which editors check manifests by. test/cli/schemas.test.ts proves them current.
import { mkdirSync, writeFileSync } from 'node:fs';
import { manifestSchemas } from '../packages/api/src/manifest/json-schema.ts';

const folder = new URL('../docs/schemas/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(manifestSchemas()))
  writeFileSync(new URL(name, folder), `${JSON.stringify(schema, null, 2)}\n`);
