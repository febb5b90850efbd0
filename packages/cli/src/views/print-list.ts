// The ways a list is printed: UIDs, a table, Docker's `--format`, whole objects.
import type { CommandContext } from '../context.ts';
import { escapeText } from '../output/escape.ts';
import { tableLines } from '../output/table.ts';
import { usage } from '../usage-error.ts';
import { compileTemplate, type GoValue, struct } from '../template/index.ts';

export interface ListView<T> {
  readonly items: readonly T[];
  readonly uid: (item: T) => string;
  readonly columns: readonly string[];
  readonly row: (item: T) => readonly string[];
  readonly docker: (item: T) => Readonly<Record<string, GoValue>>;
}

/** The header of a `table` format: each action becomes the title of its last field. */
function headerCells(format: string): readonly string[] {
  const titles = format.replace(/\{\{.*?\}\}/g, (action) => title(/\.(\w+)[^.]*$/.exec(action)?.[1] ?? ''));
  return titles.split('\t');
}

/** `CreatedAt` → `CREATED AT`. */
function title(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toUpperCase();
}

/** Prints a list as `-q`, `-o`, `--format` or nothing of these say. */
export async function printList<T>({ flags, out }: CommandContext, view: ListView<T>): Promise<void> {
  const [form, format] = [flags.string('output'), formatOf(flags.string('format'))];
  if (form === 'json') out.data(JSON.stringify(view.items, undefined, 2));
  else if (form === 'yaml') out.data((await import('yaml')).stringify(view.items).trimEnd());
  else {
    // One write: a thousand lines are a thousand calls of the kernel, and who reads them may be slow.
    const lines = listLines(view, flags.bool('quiet'), format, out.terminal);
    if (lines.length > 0) out.data(lines.join('\n'));
  }
}

/** Docker takes an empty format for the table, and any word for a template, which then prints only itself. */
function formatOf(word: string | undefined): string | undefined {
  if (word === '') return 'table';
  if (word === undefined || word === 'json' || /^table\b/.test(word) || word.includes('{{')) return word;
  const whole = word === 'yaml' ? '; -o yaml prints whole objects' : '';
  throw usage(`--format takes table, json or a template such as "{{.Name}}", not "${word}"${whole}`);
}

function listLines<T>(
  view: ListView<T>,
  quiet: boolean,
  format: string | undefined,
  terminal: boolean,
): readonly string[] {
  const { items } = view;
  if (quiet && format === undefined) return items.map(view.uid);
  if (format === undefined || format === 'table') return tableLines(view.columns, items.map(view.row));
  if (format === 'json') return items.map((item) => JSON.stringify(view.docker(item)));
  const table = /^table(?:\s|\\t)+/.exec(format)?.[0];
  const text = unescapeFormat(table === undefined ? format : format.slice(table.length));
  const template = compileTemplate(text);
  const lines = items.map((item) => template(struct(view.docker(item))));
  if (table === undefined) return terminal ? lines.map(shownLines) : lines;
  return tableLines(
    headerCells(text),
    lines.map((line) => line.split('\t')),
  );
}

/** Docker reads `\t` and `\n` in a format as the characters. */
function unescapeFormat(format: string): string {
  return format.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function shownLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.split('\t').map(escapeText).join('\t'))
    .join('\n');
}
