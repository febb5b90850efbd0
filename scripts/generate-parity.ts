// Writes docs/parity.md from its rows and from the tests that carry their ids.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parityPage } from './parity-page.ts';

writeFileSync(join(import.meta.dirname, '../docs/parity.md'), await parityPage());
