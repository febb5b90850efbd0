// Writes protocol/src/constants.ts and native/include/ignite_protocol.h from the protocol table.
import { writeFileSync } from 'node:fs';
import { renderHeader, renderTypeScript } from '../protocol/src/render.ts';
import { table } from '../protocol/src/table.ts';

const root = new URL('../', import.meta.url);
writeFileSync(new URL('protocol/src/constants.ts', root), renderTypeScript(table));
writeFileSync(new URL('native/include/ignite_protocol.h', root), renderHeader(table));
