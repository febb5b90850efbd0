// Writes the protocol table out as TypeScript and as a C header. Pure: scripts/generate-protocol.ts and the test
// that proves both files current call it.
import type { Group } from './table.ts';

type Table = Readonly<Record<string, Group>>;

const MARK = 'Generated from protocol/src/table.ts by scripts/generate-protocol.ts. Do not edit.';

/** The text of protocol/src/constants.ts, formatted as the repository's formatter leaves it. */
export function renderTypeScript(table: Table): string {
  const groups = Object.entries(table).map(([name, group]) => {
    const rows = Object.entries(group.values).map(([key, value]) => `  ${key}: ${literal(value)},`);
    return `/** ${group.about} */\nexport const ${name} = {\n${rows.join('\n')}\n} as const;\n`;
  });
  return `// ${MARK}\n\n${groups.join('\n')}`;
}

/** The text of native/include/ignite_protocol.h. */
export function renderHeader(table: Table): string {
  const groups = Object.entries(table).map(([name, group]) => {
    const rows = Object.entries(group.values).map(
      ([key, value]) =>
        `#define IGN_${name}_${key} ${typeof value === 'number' ? `${value}u` : `"${value}"`}`,
    );
    return `/* ${group.about} */\n${rows.join('\n')}\n`;
  });
  return `/* ${MARK} */\n#ifndef IGNITE_PROTOCOL_H\n#define IGNITE_PROTOCOL_H\n\n${groups.join('\n')}\n#endif\n`;
}

function literal(value: number | string): string {
  return typeof value === 'number' ? String(value) : `'${value}'`;
}
