// What the documentation tells people to type is understood: each line with `ignite` or `ignited` in README, docs and the
// recipes of images. What the lines do is the matter of the tests of the guides; this is for those that need the Internet.
// And the page for developers names files that are there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseManifest } from '@ignite/api/manifest';
import { readArgv } from '../../packages/cli/src/argv/index.ts';
import { commandTree } from '../../packages/cli/src/commands/index.ts';
import { readOptions } from '../../packages/daemon/src/options.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGES: string[] = [];
for await (const page of glob(['README.md', 'docs/*.md', 'docs/guides/*.md', 'images/**/README.md'], {
  cwd: ROOT,
}))
  PAGES.push(page);
/** A line of a fenced block or an indented one, by itself or within `$(…)`. */
const COMMAND = /^(?: {4}|\$ | {4}\$ )?(?:sudo )?(?:[A-Z]+=\$\()?(ignited? .*)$/;
/** Words of a shell: quoted pieces stay one, and what ends a command ends it here. */
const WORD = /(?:'[^']*'|"[^"]*"|\$\([^)]*\)|[^\s'"|;&>#)])+|[|;&>#)]/g;

function words(line: string): readonly string[] {
  const all = line.match(WORD) ?? [];
  const end = all.findIndex((word) => /^[|;&>#)]$/.test(word));
  return (end < 0 ? all : all.slice(0, end)).map((word) => word.replace(/['"]/g, ''));
}

/** Lines that are typed: in fences, or indented. Prose may begin with `ignite`, too. */
function typed(text: string): readonly string[] {
  let fenced = false;
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('```')) fenced = !fenced;
    const command = COMMAND.exec(line)?.[1];
    return command !== undefined && (fenced || line.startsWith('    ')) ? [command] : [];
  });
}

/** The file of a token is read at once; any file will do. */
function withOwnToken(rest: readonly string[]): string[] {
  return rest.map((word, index) => (rest[index - 1] === '--https-token-file' ? import.meta.filename : word));
}

for (const page of PAGES.toSorted())
  test(`${page}: its commands are understood`, () => {
    for (const line of typed(readFileSync(join(ROOT, page), 'utf8'))) {
      const [program, ...rest] = words(line);
      if (program === 'ignited') readOptions(withOwnToken(rest), { HOME: '/root' }, 0);
      else {
        const read = readArgv(commandTree, rest);
        assert.ok(!('error' in read), `${line}\n${'error' in read ? String(read.error) : ''}`);
      }
    }
  });

test('manifests in the guides are valid, also where nothing reads them', () => {
  for (const page of PAGES.filter((name) => name.startsWith('docs/guides/')))
    for (const [, body = ''] of readFileSync(join(ROOT, page), 'utf8').matchAll(
      /^```yaml[^\n]*\n(.*?)^```$/gms,
    ))
      if (/^apiVersion:/m.test(body)) parseManifest(body, page);
});

test('the guides name the images that the recipes make', () => {
  for (const name of ['k3s', 'kubeadm']) {
    const recipe = readFileSync(join(ROOT, `images/${name}/README.md`), 'utf8');
    const [made] = new RegExp(`ignite-${name}:\\S+`).exec(recipe) ?? [];
    const guide = readFileSync(join(ROOT, `docs/guides/${name}.md`), 'utf8');
    const named = new Set(guide.match(new RegExp(`ignite-${name}:[^\\s"}]+`, 'g')));
    assert.deepEqual([...named], [made]);
  }
});

test('ARCHITECTURE.md names no source file that is not there', async () => {
  const sources = [
    '{engine,protocol}/src/**/*.ts',
    'test/**/*.ts',
    'packages/*/src/**/*.ts',
    'native/**/*.{c,h}',
    'scripts/*.{ts,sh}',
  ];
  const files: string[] = [];
  for await (const path of glob(sources, { cwd: ROOT })) files.push(`/${path}`);
  const page = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const named = [...page.matchAll(/`([a-z0-9_./-]+\.(?:ts|c|h|sh))`/g)].map(([, name = '']) => name);
  assert.ok(named.length > 40, `${named.length} names were looked at`);
  assert.deepEqual(
    named.filter((name) => !files.some((path) => path.endsWith(`/${name}`))),
    [],
  );
});
