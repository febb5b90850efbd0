// Reads apt's sources (sources.list(5)), in both forms, to find the mirror that the host uses for a suite.

export interface AptSource {
  readonly uri: string;
  readonly suite: string;
}

/** `deb [options] URI SUITE COMPONENT…`, one a line. */
export function parseOneLineSources(text: string): readonly AptSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line);
    return match?.[1] === undefined || match[2] === undefined ? [] : [{ uri: match[1], suite: match[2] }];
  });
}

/** deb822: paragraphs with `Types`, `URIs`, `Suites`. */
export function parseDeb822Sources(text: string): readonly AptSource[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const fields = parseFields(paragraph);
    if (fields.get('enabled') === 'no' || !words(fields.get('types')).includes('deb')) return [];
    return words(fields.get('uris')).flatMap((uri) =>
      words(fields.get('suites')).map((suite) => ({ uri, suite })),
    );
  });
}

/** The first http(s) mirror that has the suite. */
export function mirrorFor(sources: readonly AptSource[], suite: string): string | undefined {
  return sources.find((source) => source.suite === suite && /^https?:\/\//.test(source.uri))?.uri;
}

function parseFields(paragraph: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of paragraph.split('\n')) {
    if (line.startsWith('#')) continue;
    const match = /^([\w-]+):\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined) name = match[1].toLowerCase();
    const value = match?.[2] ?? line;
    if (name !== '') fields.set(name, `${fields.get(name) ?? ''} ${value.trim()}`.trim());
  }
  return fields;
}

function words(value: string | undefined): readonly string[] {
  return (value ?? '').split(/\s+/).filter((word) => word !== '');
}
