// Writes docs/openapi.json from the API's schemas. packages/daemon/src/openapi-document.test.ts proves it current.
import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../packages/api/src/http/openapi.ts';
import { VERSION } from '../packages/daemon/src/version.ts';

const path = new URL('../docs/openapi.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(openApiDocument(VERSION), null, 2)}\n`);
