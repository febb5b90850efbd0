// The documents of a YAML text. Whoever may push to a repository writes it, so reading takes time in proportion to its
// length: `yaml` compares each key of a map with all before it, and looks for each alias through the whole document.
import {
  type Document,
  isDocument,
  isScalar,
  type LineCounter,
  parseAllDocuments,
  visit,
  YAMLParseError,
} from 'yaml';

/** Each costs a pass over its document. */
const MAX_ALIASES = 1_000;
/** Lines, items and documents; a file of 256 VMs has some ten thousand. */
const MAX_PARTS = 250_000;
const MAX_MARKERS = 4_096;
/** More of them would not help the reader. */
const MAX_ERRORS = 100;

/** Whether a text has so many parts that it is not read. */
export function hasTooManyParts(text: string): boolean {
  return beyond(text, /[,[{\n]/g, MAX_PARTS) || beyond(text, /^---/gm, MAX_MARKERS);
}

function beyond(text: string, part: RegExp, most: number): boolean {
  for (let count = 0; part.test(text); count += 1) if (count === most) return true;
  return false;
}

/** All documents, empty ones too; keys that stand twice are errors of theirs. */
export function readDocuments(text: string, lines: LineCounter): readonly Document[] {
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const documents = Array.isArray(parsed) ? parsed.filter(isDocument) : [];
  for (const document of documents) if (document.errors.length === 0) check(document);
  return documents;
}

function check(document: Document): void {
  let aliases = 0;
  visit(document, {
    Map: (_place, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) document.errors.push(twice(key.range?.[0] ?? 0));
        seen.add(key.value);
        if (document.errors.length >= MAX_ERRORS) return visit.BREAK;
      }
      return undefined;
    },
    Alias: (_place, { range }) => {
      aliases += 1;
      if (aliases === MAX_ALIASES + 1) document.errors.push(tooMany(range?.[0] ?? 0));
    },
  });
}

function twice(at: number): YAMLParseError {
  return new YAMLParseError([at, at + 1], 'DUPLICATE_KEY', 'Map keys must be unique');
}

function tooMany(at: number): YAMLParseError {
  return new YAMLParseError([at, at + 1], 'BAD_ALIAS', `There are more than ${MAX_ALIASES} aliases`);
}
