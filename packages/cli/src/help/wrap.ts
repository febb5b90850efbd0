// Help texts laid out for the reader's terminal.
import type { CliHost } from '../host.ts';

/** Lines of a terminal that cannot be read at a glance any more, and those that no longer hold an option. */
const WIDEST = 120;
const NARROWEST = 40;

/** Columns for help: the terminal's, else those of COLUMNS, as far as they can be read; 100 where nobody says. */
export function helpWidth({ env, stdout }: Pick<CliHost, 'env' | 'stdout'>): number {
  return Math.max(NARROWEST, Math.min(WIDEST, stdout.columns || Number(env['COLUMNS']) || 100));
}

/** Breaks a text at blanks into lines of at most `width` characters; a longer word keeps a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Paragraphs, separated by blank lines, each wrapped again: line ends within them mean nothing. */
export function wrapParagraphs(text: string, width: number): readonly string[] {
  return text
    .split('\n\n')
    .flatMap((paragraph, index) => [
      ...(index === 0 ? [] : ['']),
      ...wrap(paragraph.replaceAll('\n', ' '), width),
    ]);
}

/** A row of two columns, the right one broken below itself. A left side too long for its column has a line of its own. */
export function twoColumns(left: string, right: string, leftWidth: number, width: number): readonly string[] {
  const gap = '  ';
  const indent = ' '.repeat(gap.length + leftWidth + gap.length);
  const lines = wrap(right, Math.max(20, width - indent.length));
  const alone = left.length > leftWidth;
  const first = alone ? `${gap}${left}` : `${gap}${left.padEnd(leftWidth)}${gap}${lines[0] ?? ''}`.trimEnd();
  return [first, ...lines.slice(alone ? 0 : 1).map((line) => `${indent}${line}`)];
}
