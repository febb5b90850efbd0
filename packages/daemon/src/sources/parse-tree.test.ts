import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTreeParser } from './parse-tree.ts';
import type { Listing } from './port.ts';

const { signal } = new AbortController();
const VM = 'apiVersion: ignite.vm/v1beta1\nkind: VM\nmetadata: {name: a}\nspec: {image: {oci: x}}\n';

function parserOf() {
  return createTreeParser({ finish: async (object) => object, stamp: async () => undefined });
}

function listingOf(texts: Readonly<Record<string, string>>): Listing {
  const files = Object.entries(texts).map(([path, { length }]) => ({ path, key: 'k', bytes: length }));
  const read: Listing['read'] = async (wanted) =>
    new Map(wanted.map(({ path }) => [path, texts[path] ?? '']));
  return { revision: 'r', files, problems: [], notes: [], read };
}

test('the loop turns while a manifest of very many lines is read', async () => {
  const long = `${VM}---\nkind: Other\napiVersion: v1\ndata:\n${' - x\n'.repeat(20_000)}`;
  let turns = 0;
  let over = false;
  const turn = () => {
    turns += 1;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);

  const tree = await parserOf().parse(listingOf({ 'a.yaml': long }), signal);
  over = true;

  assert.deepEqual([tree.objects.length, tree.problems], [1, []]);
  assert.ok(turns > 3, `${turns} turns`);
});

test('a long manifest that is broken tells its places, and hides no other', async () => {
  const broken = `${VM.replace('spec:', 'spec: {cpus: many} #')}${'#\n'.repeat(10_000)}`;
  const tree = await parserOf().parse(listingOf({ 'a.yaml': broken, 'b.yaml': VM }), signal);
  assert.equal(tree.objects.length, 1);
  assert.deepEqual(
    tree.problems.map(({ file, line }) => [file, line]),
    [['a.yaml', 4]],
  );
});

test('a look that is given up ends while a long manifest is read', async () => {
  const stop = new AbortController();
  const long = `data:\n${' - x\n'.repeat(20_000)}`;
  const parsing = parserOf().parse(listingOf({ 'a.yaml': long }), stop.signal);
  setImmediate(() => stop.abort());
  await assert.rejects(parsing, { name: 'AbortError' });
});

test('of a tree with more text than the daemon can hold the beginning is read, and the rest is told', async () => {
  const large = { key: 'k', bytes: 16 << 20 };
  const files = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ path: `${name}.yaml`, ...large }));
  files.unshift({ path: '0.yaml', key: 'k', bytes: 32 << 20 }); // too large by itself: it takes no room
  const read: string[] = [];
  const listing: Listing = {
    ...listingOf({}),
    files,
    read: async (wanted) => {
      read.push(...wanted.map(({ path }) => path));
      return new Map(wanted.map(({ path }) => [path, VM]));
    },
  };
  const { problems } = await parserOf().parse(listing, signal);
  assert.deepEqual(read, ['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml']);
  assert.deepEqual(problems[0], {
    file: 'e.yaml',
    message: 'and 1 more are not read: at most 64 MiB of manifests',
  });
});
