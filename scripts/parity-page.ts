// The page docs/parity.md: what became of each thing the original did. Rows are in docs/parity/rows.tsv; the tests that
// prove one carry its id, in their name or in a comment at what they check, and are found here.
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const ID =
  /\b(?:CLI|OUT|IGD|SPN|EXT|API|STP|RM|RMI|NET|VOL|SSH|EXE|CP|LOG|ATT|PS|INS|GIT|MET|REG|PRE|CFG|BUG|HAZ|SEC|RAC|BEY)-[A-Z]?\d+\b/g;

export const VERDICTS = ['kept', 'better', 'left out', 'open'] as const;

export interface ParityRow {
  readonly section: string;
  readonly id: string;
  readonly verdict: string;
  readonly what: string;
  readonly note: string;
  /** Test file of the area, where no test carries the id. */
  readonly area: string;
}

/** The rows, in the order of the file. */
export function parityRows(): readonly ParityRow[] {
  return readFileSync(join(ROOT, 'docs/parity/rows.tsv'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [section = '', id = '', verdict = '', what = '', note = '', area = ''] = line.split('\t');
      return { section, id, verdict, what, note, area };
    });
}

/** Test files by the ids they carry. */
export async function carriers(): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, Set<string>>();
  const patterns = ['packages/*/src/**/*.test.ts', 'engine/src/**/*.test.ts', 'test/**/*.test.ts'];
  for await (const file of glob(patterns, { cwd: ROOT, exclude: ['**/node_modules/**'] })) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const id of text.match(ID) ?? []) found.set(id, (found.get(id) ?? new Set()).add(file));
  }
  return new Map([...found].map(([id, files]) => [id, [...files].sort()]));
}

/** The whole page. */
export async function parityPage(): Promise<string> {
  const [rows, found] = [parityRows(), await carriers()];
  const sections = Map.groupBy(rows, ({ section }) => section);
  const count = (verdict: string) => rows.filter((row) => row.verdict === verdict).length;
  const carried = rows.filter(({ id }) => found.has(id)).length;
  const tables = [...sections].map(([section, own]) =>
    [
      `## ${section}`,
      '',
      '| Id | The original | Here | How | Tests |',
      '|---|---|---|---|---|',
      ...own.map((row) => line(row, found)),
      '',
    ].join('\n'),
  );
  return `# What became of Weave Ignite

One row for each thing the original did. *kept*: scripts, manifests and habits go on working. *better*: the same wish, served better. *left out*: with
the reason. *open*: wished for and not there yet. Tests in **bold** carry the id of the row in the name of a test; what is kept or better
has one, or says why not.
Of ${rows.length} rows ${count('kept')} are kept, ${count('better')} better, ${count('left out')} left out, ${count('open')} open; ${carried} are carried by a test.

${tables.join('\n')}`;
}

function line(
  { id, verdict, what, note, area }: ParityRow,
  found: ReadonlyMap<string, readonly string[]>,
): string {
  const tests =
    found
      .get(id)
      ?.map((file) => `**${file}**`)
      .join(' ') ?? area;
  return `| ${[id, what, verdict, note, tests].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
