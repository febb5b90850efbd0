// Tables as the original and Docker print them: columns aligned with blanks, no boxes.
import { escapeText } from './escape.ts';

const GAP = 3;

/** Printable ASCII: a column each, and nothing to escape. Nearly every cell is, and the other way compiles large expressions. */
const PLAIN = /^[ -~]*$/;

/** The lines of a table. Cells are escaped, the last column is not padded; no line is cut or broken. */
export function tableLines(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const cells = [header, ...rows].map((row) => row.map(cellOf));
  // Not Math.max of all: a call has room for some 100,000 arguments, and a guest may have more processes.
  const widths = header.map((_, column) =>
    cells.reduce((widest, row) => Math.max(widest, row[column]?.width ?? 0), 0),
  );
  return cells.map((row) => tableLine(row, widths));
}

/** Looked at once: a list of 1,000 VMs has 11,000 of them. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

function cellOf(text: string): Cell {
  if (PLAIN.test(text)) return { text, width: text.length };
  const escaped = escapeText(text);
  return { text: escaped, width: width(escaped) };
}

function tableLine(row: readonly Cell[], widths: readonly number[]): string {
  let line = '';
  for (const [column, { text, width }] of row.entries())
    line += column === row.length - 1 ? text : text + ' '.repeat((widths[column] ?? 0) - width + GAP);
  return line.trimEnd();
}

/** Columns a text takes on a terminal: wide characters (CJK, emoji) take two, combining ones none. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Extended_Pictographic}/u.test(
        character,
      ) && character.charCodeAt(0) > 0xff
        ? 2
        : 1;
  }
  return columns;
}
