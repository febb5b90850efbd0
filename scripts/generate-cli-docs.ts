// Writes docs/cli/*.md from the commands. `--check` changes nothing and fails if a page is not current.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandTree } from '../packages/cli/src/commands/index.ts';
import { manualPages } from '../packages/cli/src/help/index.ts';

const folder = join(import.meta.dirname, '../docs/cli');
const pages = manualPages(commandTree);
mkdirSync(folder, { recursive: true });
const strays = readdirSync(folder).filter((name) => name.endsWith('.md') && !pages.has(name));
const stale = [...pages].filter(([name, text]) => readOld(join(folder, name)) !== text);

if (process.argv.includes('--check')) {
  for (const name of [...strays, ...stale.map(([stalePage]) => stalePage)])
    process.stderr.write(`docs/cli/${name} is not current; run node scripts/generate-cli-docs.ts\n`);
  process.exitCode = strays.length + stale.length === 0 ? 0 : 1;
} else {
  for (const name of strays) rmSync(join(folder, name));
  for (const [name, text] of stale) writeFileSync(join(folder, name), text);
}

function readOld(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
